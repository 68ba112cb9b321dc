import { Button, FileButton, Menu, Modal } from '@mantine/core';
import {
  type Icon,
  IconCamera,
  IconCloudDownload,
  IconDots,
  IconFile,
  IconFiles,
  IconFileText,
  IconPhotoOff,
  IconUpload,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { CaseView } from '../../../shared/model/cases.ts';
import type { Artifact } from '../../../shared/model/evidence.ts';
import { asFailure } from '../../data/failures.ts';
import { keys } from '../../data/keys.ts';
import { useAction } from '../../data/queries.ts';
import { useStation } from '../../data/station.tsx';
import { readArtifact, saveBlob, uploadArtifact } from '../../data/transfer.ts';
import { Empty } from '../../ui/Empty.tsx';
import { formatBytes, formatBytesOf } from '../../ui/format.ts';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { When } from '../../ui/time.tsx';
import { ARTIFACT_WORDS } from '../../ui/words.ts';
import classes from './Files.module.css';
import { LogViewer } from './LogViewer.tsx';

/** Kinds of images that a browser shows without running anything in them. */
const SHOWN = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif']);
const isPhoto = (artifact: Artifact): boolean => artifact.kind === 'photo' && SHOWN.has(artifact.mime);
const isText = (artifact: Artifact): boolean =>
  artifact.kind === 'log' || artifact.mime.startsWith('text/') || artifact.mime === 'application/json';

/** Photos, logs and everything else that was kept. */
export function Files({ view, doing }: { view: CaseView; doing: boolean }) {
  const [sent, setSent] = useState<{ name: string; done: number; total: number } | null>(null);
  const [log, setLog] = useState<Artifact | null>(null);
  const [photo, setPhoto] = useState<Artifact | null>(null);
  const upload = useAction(
    async (client, files: File[]) => {
      for (const file of files) {
        const kind = file.type.startsWith('image/') ? 'photo' : 'other';
        await uploadArtifact(client, file, { caseId: view.id, runId: null, kind }, (done, total) =>
          setSent({ name: file.name, done, total }),
        );
      }
      setSent(null);
    },
    { stale: [keys.case(view.id)] },
  );
  const photos = view.artifacts.filter(isPhoto);
  const files = view.artifacts.filter((artifact) => !isPhoto(artifact));
  return (
    <Panel
      title="Photos and files"
      actions={
        doing ? (
          <>
            <Add
              label="Add photos"
              accept="image/*"
              busy={upload.busy}
              icon={IconCamera}
              onAdd={upload.run}
            />
            <Add label="Add files" quiet busy={upload.busy} icon={IconUpload} onAdd={upload.run} />
          </>
        ) : null
      }
    >
      {upload.busy && sent ? (
        <p role="status" className="rb-dim rb-figures">
          {sent.name}: {formatBytesOf(sent.done, sent.total)}
        </p>
      ) : null}
      <ErrorNotice failure={upload.failure} />
      {view.artifacts.length === 0 ? (
        <Empty icon={IconFiles} title="Nothing yet" small>
          Photograph the unit and its box; intake adds the logs.
        </Empty>
      ) : null}
      {photos.length > 0 ? (
        <ul className={classes.photos} aria-label="Photos">
          {photos.map((artifact) => (
            <li key={artifact.id}>
              <button type="button" className={classes.thumb} onClick={() => setPhoto(artifact)}>
                <Photo artifact={artifact} />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {files.length > 0 ? (
        <ul className={classes.files} aria-label="Files">
          {files.map((artifact) => (
            <FileRow
              key={artifact.id}
              artifact={artifact}
              onView={isText(artifact) ? () => setLog(artifact) : null}
            />
          ))}
        </ul>
      ) : null}
      {log ? <LogViewer artifact={log} onClose={() => setLog(null)} /> : null}
      <Modal opened={photo !== null} onClose={() => setPhoto(null)} title={photo?.name ?? ''} size="auto">
        {photo ? (
          <div className={classes.large}>
            <Photo artifact={photo} />
          </div>
        ) : null}
      </Modal>
    </Panel>
  );
}

/** Chooses files and hands them over. */
function Add(props: {
  label: string;
  icon: Icon;
  accept?: string;
  quiet?: boolean;
  busy: boolean;
  onAdd: (files: File[]) => void;
}) {
  return (
    <FileButton
      multiple
      {...(props.accept ? { accept: props.accept } : {})}
      onChange={(chosen) => chosen.length > 0 && props.onAdd(chosen)}
    >
      {(button) => (
        <Button
          {...button}
          variant={props.quiet ? 'subtle' : 'default'}
          data-size="compact"
          disabled={props.busy}
          leftSection={<props.icon size={20} aria-hidden />}
        >
          {props.label}
        </Button>
      )}
    </FileButton>
  );
}

/** A photo out of the encrypted store, shown from memory. */
function Photo({ artifact }: { artifact: Artifact }) {
  const { client } = useStation();
  const { data: blob, error } = useQuery({
    queryKey: keys.artifactBytes(artifact.id),
    queryFn: ({ signal }) => readArtifact(client, artifact, { type: artifact.mime, signal }),
    gcTime: 5 * 60_000,
  });
  const [url, setUrl] = useState<string | null>(null);
  /** The bytes are whole, but no browser makes a picture of them. */
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    if (!blob) return;
    const next = URL.createObjectURL(blob);
    setUrl(next);
    return () => URL.revokeObjectURL(next);
  }, [blob]);
  if (error || broken) {
    const why = error ? asFailure(error).message : 'This is no picture that can be shown.';
    return (
      <span className={classes.unreadable}>
        <IconPhotoOff size={28} aria-hidden />
        <strong>{artifact.name}</strong>
        {why}
      </span>
    );
  }
  return url ? (
    <img src={url} alt={artifact.name} className={classes.image} onError={() => setBroken(true)} />
  ) : (
    <span className={classes.image} role="img" aria-label={`${artifact.name}, being read`} />
  );
}

function FileRow({ artifact, onView }: { artifact: Artifact; onView: (() => void) | null }) {
  const [read, setRead] = useState(0);
  const verify = useAction((client, id: string) => client.verify.artifact({ id }));
  const fetch = useAction(
    async (client, { id }: Artifact) => {
      for await (const { received } of await client.artifacts.fetch({ id })) setRead(received);
    },
    { stale: [keys.case(artifact.caseId)] },
  );
  const save = useAction(
    (client, which: Artifact) => readArtifact(client, which, { onProgress: (done) => setRead(done) }),
    { onDone: (blob) => saveBlob(blob, artifact.name) },
  );
  const Kind = artifact.kind === 'log' ? IconFileText : IconFile;
  return (
    <li className={classes.file}>
      <Kind size={24} aria-hidden className={classes.icon} />
      <div className={classes.text}>
        <p className={classes.name}>{artifact.name}</p>
        <p className="rb-dim rb-figures">
          {ARTIFACT_WORDS[artifact.kind]} · {formatBytes(artifact.size)} · {artifact.addedBy}
          {artifact.stationName === null ? null : ` on ${artifact.stationName}`},{' '}
          <When at={artifact.addedAt} />
          {artifact.here ? null : <strong> · not here yet</strong>}
          {artifact.hashedByUnit === null ? null : artifact.hashedByUnit ? (
            ' · same hash on the unit'
          ) : (
            <strong data-tone="failed"> · the unit’s hash differs</strong>
          )}
        </p>
        {save.busy || fetch.busy ? (
          <p role="status" className="rb-dim rb-figures">
            {formatBytesOf(read, artifact.size)}
          </p>
        ) : null}
        {verify.output ? (
          <Notice tone={verify.output.ok ? 'passed' : 'failed'} title={verify.output.summary} live>
            {verify.output.findings.map((finding) => finding.detail).join(' ')}
          </Notice>
        ) : null}
        <ErrorNotice failure={verify.failure ?? save.failure ?? fetch.failure} />
      </div>
      {artifact.here ? null : (
        <Button
          variant="default"
          data-size="compact"
          disabled={fetch.busy}
          leftSection={<IconCloudDownload size={20} aria-hidden />}
          onClick={() => fetch.run(artifact)}
        >
          Fetch
        </Button>
      )}
      {artifact.here && onView ? (
        <Button variant="default" data-size="compact" onClick={onView}>
          Read
        </Button>
      ) : null}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="subtle" data-size="compact" aria-label={`More for ${artifact.name}`}>
            <IconDots size={20} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => save.run(artifact)} disabled={save.busy}>
            Save a copy
          </Menu.Item>
          <Menu.Item onClick={() => verify.run(artifact.id)} disabled={verify.busy}>
            Verify
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}
