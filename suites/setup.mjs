import { jest } from '@jest/globals';

// Machines that run these may be busy: a test that hangs is still found, and one that is only late is not.
jest.setTimeout(120_000);
