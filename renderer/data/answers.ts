import type { PromptView } from '../../shared/model/ports.ts';
import { keys } from './keys.ts';
import { useAction } from './queries.ts';
import { uploadArtifact } from './transfer.ts';

interface Asked {
  readonly runId: string | null;
  readonly caseId: string | null;
  readonly prompt: PromptView | null;
}

/** Answers what a run asks: with a word, or with photos that are uploaded first. */
export function useAnswer({ runId, caseId, prompt }: Asked) {
  const id = runId ?? '';
  const promptId = prompt?.id ?? '';
  const word = useAction((client, value: string) => client.runs.answer({ id, promptId, value }));
  const photos = useAction(
    async (client, files: File[]) => {
      const ids: string[] = [];
      for (const file of files) {
        const photo = await uploadArtifact(client, file, { caseId: caseId ?? '', runId, kind: 'photo' });
        ids.push(photo.id);
      }
      return client.runs.answer({ id, promptId, value: ids.join(',') });
    },
    { stale: [keys.case(caseId ?? '')] },
  );
  return {
    busy: word.busy || photos.busy,
    failure: word.failure ?? photos.failure,
    onAnswer: (value: string): void => {
      photos.clear();
      word.run(value);
    },
    onPhotos: (files: File[]): void => {
      word.clear();
      photos.run(files);
    },
  };
}
