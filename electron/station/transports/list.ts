import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { type FoundPort, MACHINE, type Places, portsInSysfs } from './sysfs.ts';

async function fromBindings(): Promise<FoundPort[]> {
  const said = (text: string | undefined) => text || null;
  return (await SerialPort.list()).map((port) => ({
    path: port.path,
    stablePath: port.path,
    usb: null,
    vendorId: said(port.vendorId?.toLowerCase()),
    productId: said(port.productId?.toLowerCase()),
    serialNumber: said(port.serialNumber),
    product: null,
  }));
}

/**
 * The serial ports that are there now, without opening one. PTYs are never listed. A listing that fails is an
 * empty one.
 * @param places replaceable for tests
 */
export async function listPorts(places: Places = MACHINE): Promise<FoundPort[]> {
  try {
    return await (existsSync(join(places.sys, 'class/tty')) ? portsInSysfs(places) : fromBindings());
  } catch {
    return [];
  }
}
