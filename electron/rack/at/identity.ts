import { luhnDigit } from '../../../shared/identity/index.ts';

/** What a virtual phone says of itself. */
export interface PhoneIdentity {
  readonly maker: string;
  readonly model: string;
  readonly firmware: string;
  readonly serial: string;
  readonly imei1: string;
  readonly imei2: string;
  readonly imsi: string;
}

/** Type allocation code of the range for test equipment (reporting body 00): no real phone has it. */
const TEST_TAC = '00101703';

/** A valid IMEI: type, serial number, check digit. */
function imei(serialNumber: number): string {
  const digits = TEST_TAC + String(serialNumber % 1_000_000).padStart(6, '0');
  return digits + luhnDigit(digits);
}

/** Phone number `number`, the same each time. */
export function phoneIdentity(number: number): PhoneIdentity {
  const serialNumber = 240_000 + number * 2;
  return {
    maker: 'SAMSUNG',
    model: 'SM-G991B',
    firmware: 'G991BXXU9DWL1/G991BOXM9DWL1/G991BXXU9DWL1/G991BXXU9DWL1',
    serial: `RZ8RB${String(number).padStart(6, '0')}`,
    imei1: imei(serialNumber),
    imei2: imei(serialNumber + 1),
    imsi: `00101${String(number).padStart(10, '0')}`,
  };
}

/** Another phone's IMEI, for the fault `wrong-imei`. */
export const strangeImei = (): string => imei(999_000);
