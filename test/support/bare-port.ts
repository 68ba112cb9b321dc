import { SerialPort } from 'serialport';

/** A port as anybody would open it with `serialport` itself; closed at the end. */
export async function withBarePort<T>(path: string, work: (port: SerialPort) => Promise<T>): Promise<T> {
  const port = new SerialPort({ path, baudRate: 115_200, autoOpen: false });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  try {
    return await work(port);
  } finally {
    await new Promise<void>((resolve) => port.close(() => resolve()));
  }
}
