// jest's environment for the suites: Allure's, which also hands the test realm the engine of the outer realm.
import allureJest from 'allure-jest/node';
import { finished, getEngine } from './engine-holder.mjs';

const AllureEnvironment = allureJest.default ?? allureJest;

export default class SuiteEnvironment extends AllureEnvironment {
  async setup() {
    await super.setup();
    this.global.tcpspec = { getEngine, finished };
  }
}
