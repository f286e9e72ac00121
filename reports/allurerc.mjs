// Allure's settings. `allure generate --config reports/allurerc.mjs` from the top of the checkout; reports/allure-generate.ts
// does that and takes the call to Google out of the pages.
import os from 'node:os';

const byCause = (name, value) => ({ name, matchers: [{ labels: { cause: value } }] });

export default {
  name: 'tcpspec',
  output: 'reports/allure',
  historyPath: '.tcpspec/allure-history.jsonl',
  appendHistory: true,
  historyLimit: 50,
  plugins: {
    awesome: {
      options: {
        reportName: 'tcpspec',
        singleFile: true,
        reportLanguage: 'en',
        groupBy: ['epic', 'feature', 'story'],
      },
    },
  },
  categories: [
    byCause('Reset by the kernel', 'kernel-reset'),
    byCause('A packet that never came', 'missing'),
    byCause('A packet that nobody expected', 'unexpected'),
    byCause('A packet with other fields', 'mismatch'),
    byCause('A packet that must never be', 'never'),
    byCause('Too early or too late', 'timing'),
    byCause('The application was not served', 'iut'),
    byCause('A deviation that deviates no longer', 'deviation cured'),
    byCause('Known deviation', 'known deviation'),
    byCause('The harness or the machine', 'error'),
    byCause('The purpose was never reached', 'inconclusive'),
    byCause('Not supported by the implementation', 'unsupported'),
    byCause('A SHOULD not followed', 'non-strict'),
    { name: 'Flaky', matchers: [{ flaky: true }] },
    { name: 'Other failures', matchers: [{ statuses: ['failed', 'broken'] }] },
  ],
  variables: { node: process.version, kernel: os.release() },
};
