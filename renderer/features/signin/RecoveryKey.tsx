import { useQueryClient } from '@tanstack/react-query';
import type { Session } from '../../../shared/model/people.ts';
import { keys } from '../../data/keys.ts';
import { useStation } from '../../data/station.tsx';
import { RecoveryKeyPaper } from '../../ui/RecoveryKeyPaper.tsx';
import { Front } from './Front.tsx';

/** The end of the first start: the key goes to paper, and the administrator is signed in. */
export function RecoveryKey({
  made,
  stationName,
  training,
}: {
  made: { recoveryKey: string; session: Session };
  stationName: string;
  training: boolean;
}) {
  const { sessions } = useStation();
  const cache = useQueryClient();
  return (
    <Front
      title="Print the recovery key"
      training={training}
      lead="Everything on this bench is encrypted. When this machine or its keychain is lost, this key alone opens the data again."
    >
      <RecoveryKeyPaper
        recoveryKey={made.recoveryKey}
        stationName={stationName}
        training={training}
        onKept={() => {
          sessions.begin(made.session);
          void cache.invalidateQueries({ queryKey: keys.hello });
        }}
      />
    </Front>
  );
}
