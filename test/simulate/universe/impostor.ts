import { createHash, sign } from 'node:crypto';
import { HEADERS, type PushRequest, signingForm } from '../../../shared/sync/protocol.ts';
import type { Bench } from '../bench/bench.ts';
import { keyFrom } from '../hub/process.ts';
import type { WireRequest } from '../world/network.ts';
import type { Random } from '../world/random.ts';
import type { Universe } from './universe.ts';

/** Somebody with a key of their own who says that they are this bench. Whatever they try, the hub must not take it. */
export function createImpostor(universe: Universe, random: Random): (bench: Bench) => void {
  const { world, network } = universe;
  const { privateKey } = keyFrom(random.bytes(32));

  return (bench) => {
    const seq = random.between(1, bench.disk.own.length);
    const hash = bench.disk.own[seq - 1]?.hash ?? Buffer.alloc(32);
    const push: PushRequest = {
      incarnation: bench.disk.incarnation,
      lineage: [],
      entries: [],
      end: {
        seq,
        hash: hash.toString('base64'),
        signature: sign(null, hash, privateKey).toString('base64'),
      },
    };
    const body = JSON.stringify(push);
    const at = world.iso();
    const stationId = bench.stationId;
    const bodyHash = createHash('sha256').update(body).digest('hex');
    const form = signingForm({ method: 'POST', path: '/v1/push', stationId, at, bodyHash });
    const signature = sign(null, Buffer.from(form), privateKey).toString('base64');
    const headers = { [HEADERS.station]: stationId, [HEADERS.at]: at, [HEADERS.signature]: signature };
    const request: WireRequest = { method: 'POST', path: '/v1/push', headers, body };
    network.ask('an impostor', request).then(
      ({ status }) => {
        if (status === 200) {
          universe.violate('nobody’s push is taken under somebody else’s identity', bench.name);
        }
      },
      () => {},
    );
  };
}
