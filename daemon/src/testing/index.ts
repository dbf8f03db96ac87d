export { until } from '../concurrency/until.ts';
export * from './berth-home.ts';
export { findInstallation } from '../config/installation.ts';
export { createDrivers } from '../vm/drivers.ts';
export * from '../vm/testing/driver-suite.ts';
export * from '../vm/testing/fake-driver.ts';
export * from '../vm/testing/host-echo.ts';
export * from '../vm/testing/scratch-dir.ts';
