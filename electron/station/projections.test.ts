import { expect, it } from 'vitest';
import { OPS } from '../../shared/ops/index.ts';
import { casesProjection } from './cases/projectors.ts';
import { portsProjection } from './devices/registry.ts';
import { evidenceProjection } from './evidence/projectors.ts';
import { peopleProjection } from './people/service.ts';
import { runProjection } from './procedures/projection.ts';
import { stationProjection } from './settings.ts';

it('every kind of operation has one projector of the service that it belongs to', () => {
  const projections = [
    ...[stationProjection, peopleProjection, portsProjection],
    ...[casesProjection, evidenceProjection, runProjection],
  ];
  const kinds = projections.flatMap(({ projectors }) => Object.keys(projectors));
  expect(kinds.toSorted()).toEqual(Object.keys(OPS).toSorted());
});
