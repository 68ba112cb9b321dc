import { describe, expect, it } from 'vitest';
import { parseIdentity } from './console-identity.ts';

const output = (files: Record<string, string>, rest: string[] = []): string =>
  [...Object.entries(files).map(([name, text]) => `F ${name}\n${text}\n`), 'F end', ...rest].join('\n');

describe('who a console says it is', () => {
  it('reads a board with a device tree', () => {
    const { identity, hostname, privileged } = parseIdentity(
      output(
        {
          'os-release':
            'NAME="Raspbian GNU/Linux"\nVERSION_ID="12"\nPRETTY_NAME="Raspbian GNU/Linux 12 (bookworm)"',
          'dt-model': 'Raspberry Pi 4 Model B Rev 1.4\n',
          'dt-serial': '10000000abcdef01\n',
          'dt-compatible': 'raspberrypi,4-model-b\nbrcm,bcm2711\n',
          hostname: 'gateway',
        },
        [
          'N lo virtual 772 00:00:00:00:00:00',
          'N eth0 device 1 DC:A6:32:01:02:03',
          'N br-lan virtual 1 dc:a6:32:01:02:03',
          'N tun0 virtual 65534 ',
          'C Serial\t\t: 10000000abcdef01',
          'U 6.1.21-v8+',
          'I 0',
        ],
      ),
    );
    expect(identity).toMatchObject({
      maker: 'Raspberry',
      model: 'Raspberry Pi 4 Model B Rev 1.4',
      serial: '10000000abcdef01',
      firmware: 'Raspbian GNU/Linux 12 (bookworm)',
      macs: ['dc:a6:32:01:02:03'],
      extra: { hostname: 'gateway', kernel: '6.1.21-v8+', compatible: 'raspberrypi,4-model-b' },
    });
    expect({ hostname, privileged }).toEqual({ hostname: 'gateway', privileged: true });
  });

  it('reads an OpenWrt router, which often says no serial number', () => {
    const { identity, privileged } = parseIdentity(
      output(
        {
          openwrt: "DISTRIB_ID='OpenWrt'\nDISTRIB_DESCRIPTION='OpenWrt 22.03.5 r20134'",
          'sysinfo-model': 'GL.iNet GL-MT300N-V2',
        },
        [
          'N br-lan virtual 1 94:83:c4:00:11:22',
          'N eth0 virtual 1 94:83:c4:00:11:22',
          'C machine\t\t: GL-MT300N',
          'I 1000',
        ],
      ),
    );
    expect(identity).toMatchObject({
      maker: 'GL.iNet',
      model: 'GL.iNet GL-MT300N-V2',
      serial: null,
      firmware: 'OpenWrt 22.03.5 r20134',
      macs: ['94:83:c4:00:11:22'],
    });
    expect(privileged).toBe(false);
  });

  it('passes over what makers leave in place of a serial number', () => {
    const { identity } = parseIdentity(
      output({
        'dmi-vendor': 'To Be Filled By O.E.M.',
        'dmi-board-vendor': 'Axiomtek',
        'dmi-product': 'Default string',
        'dmi-board': 'eBOX-671',
        'dmi-serial': 'System Serial Number',
        'dmi-board-serial': 'AX-2203-0815',
      }),
    );
    expect(identity).toMatchObject({ maker: 'Axiomtek', model: 'eBOX-671', serial: 'AX-2203-0815' });
    const none = parseIdentity(output({ 'dt-serial': '0000000000000000' }, ['C Serial : 0000000000000000']));
    expect(none.identity.serial).toBeNull();
  });

  it('takes no more from a hostile unit than fits, and no control characters', () => {
    const { identity } = parseIdentity(
      output({ 'dt-model': `\u001b]0;x\u0007${'A'.repeat(5000)}` }, [
        ...Array.from(
          { length: 500 },
          (_, at) =>
            `N e${at} device 1 02:00:00:00:${(at >> 8).toString(16).padStart(2, '0')}:${(at & 255).toString(16).padStart(2, '0')}`,
        ),
        'F end',
        'F dt-serial',
        'forged',
      ]),
    );
    expect(identity.model).toHaveLength(200);
    expect(identity.model?.startsWith(']0;xAAA')).toBe(true);
    expect(identity.macs).toHaveLength(64);
    expect(identity.serial).toBeNull();
  });
});
