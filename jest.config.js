// JavaScript, not TypeScript: on Node 20 jest needs ts-node to read a TypeScript configuration.
/** @type {import('jest').Config} */
const common = {
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, diagnostics: false }] },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

/** @type {import('jest').Config} */
export default {
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/tests/**/*.test.ts'],
      setupFilesAfterEnv: ['<rootDir>/suites/setup.mjs'],
    },
    {
      ...common,
      displayName: 'suites',
      testMatch: ['<rootDir>/suites/**/*.test.ts'],
      testEnvironment: '<rootDir>/suites/environment.mjs',
      testEnvironmentOptions: { resultsDir: 'reports/allure-results' },
      setupFilesAfterEnv: ['<rootDir>/suites/setup.mjs'],
      globalTeardown: '<rootDir>/suites/teardown.mjs',
    },
  ],
};
