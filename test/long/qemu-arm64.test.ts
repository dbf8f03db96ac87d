import { driverSuite } from '@berth/daemon/testing';
import { suiteOptions } from '../drivers/qemu-machine.ts';

driverSuite('qemu, arm64', suiteOptions('arm64'));
