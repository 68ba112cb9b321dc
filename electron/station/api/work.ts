import { BenchError } from '../../../shared/errors/index.ts';
import type { StationLife } from '../life.ts';
import { actorOf, type guarded, toCallError } from './call.ts';

type Guarded = ReturnType<typeof guarded>;
const ok = { ok: true as const };

/** Calls about cases, runs and evidence. */
export function workCalls(os: Guarded, life: StationLife) {
  const cases = () => life.bench().cases;
  const runs = () => life.bench().runs;
  const artifacts = () => life.bench().artifacts;
  const records = () => life.bench().records;

  return {
    cases: {
      list: os.cases.list.handler(({ input }) => cases().list(input)),
      find: os.cases.find.handler(({ input }) => cases().find(input)),
      get: os.cases.get.handler(({ input }) => cases().get(input)),
      timeline: os.cases.timeline.handler(({ input }) => cases().timeline(input)),
      open: os.cases.open.handler(({ input, context }) => cases().open(actorOf(context), input)),
      edit: os.cases.edit.handler(({ input, context }) => cases().edit(actorOf(context), input)),
      move: os.cases.move.handler(({ input, context }) => cases().move(actorOf(context), input)),
      note: os.cases.note.handler(({ input, context }) => cases().note(actorOf(context), input)),
      consent: os.cases.consent.handler(({ input, context }) => cases().consent(actorOf(context), input)),
      dataException: os.cases.dataException.handler(({ input, context }) =>
        cases().dataException(actorOf(context), input),
      ),
      label: os.cases.label.handler(({ input, context }) => cases().label(actorOf(context), input)),
      identityChange: os.cases.identityChange.handler(({ input, context }) =>
        cases().identityChange(actorOf(context), input),
      ),
      wrongUnit: os.cases.wrongUnit.handler(({ input, context }) =>
        cases().wrongUnit(actorOf(context), input),
      ),
      escalate: os.cases.escalate.handler(({ input, context }) => cases().escalate(actorOf(context), input)),
      addCause: os.cases.addCause.handler(({ input, context }) => cases().addCause(actorOf(context), input)),
      confirmCause: os.cases.confirmCause.handler(({ input, context }) =>
        cases().confirmCause(actorOf(context), input),
      ),
      removeCause: os.cases.removeCause.handler(({ input, context }) =>
        cases().removeCause(actorOf(context), input),
      ),
      safetyStop: os.cases.safetyStop.handler(({ input, context }) =>
        cases().safetyStop(actorOf(context), input),
      ),
      safetyReported: os.cases.safetyReported.handler(({ input, context }) =>
        cases().safetyReported(actorOf(context), input),
      ),
      safetyRelease: os.cases.safetyRelease.handler(({ input, context }) =>
        cases().safetyRelease(actorOf(context), input),
      ),
    },
    causes: {
      catalogue: os.causes.catalogue.handler(() => life.bench().catalogue),
    },
    procedures: {
      list: os.procedures.list.handler(() => life.bench().procedures()),
    },
    runs: {
      get: os.runs.get.handler(({ input }) => runs().get(input.id)),
      list: os.runs.list.handler(({ input }) => runs().list(input)),
      start: os.runs.start.handler(({ input, context }) => runs().start(actorOf(context), input)),
      answer: os.runs.answer.handler(({ input, context }) => {
        runs().answer(actorOf(context), input);
        return ok;
      }),
      abort: os.runs.abort.handler(({ input, context }) => {
        runs().abort(actorOf(context), input);
        return ok;
      }),
      wipeTargets: os.runs.wipeTargets.handler(({ input, context }) =>
        runs().wipeTargets(actorOf(context), input),
      ),
    },
    artifacts: {
      get: os.artifacts.get.handler(({ input }) => artifacts().get(input.id)),
      fetch: os.artifacts.fetch.handler(async function* ({ input, signal }) {
        try {
          yield* life.bench().blobs.follow(input.id, signal);
        } catch (error) {
          // The guard has let the call through long ago and sees no error of the stream.
          throw toCallError(error, () => {});
        }
      }),
      read: os.artifacts.read.handler(async ({ input }) => {
        const bytes = await artifacts().read(input.id, input.offset, input.length);
        // Never memory that threads share, which a Blob does not take.
        return new Blob([bytes as Buffer<ArrayBuffer>]);
      }),
      search: os.artifacts.search.handler(({ input: { id, ...query }, signal }) =>
        artifacts().search(id, query, signal),
      ),
      begin: os.artifacts.begin.handler(({ input, context }) => {
        const { caseId, runId, name } = input;
        life.bench().cases.get({ id: caseId });
        if (runId && runs().get(runId).caseId !== caseId) {
          throw new BenchError('upload.other-case', { runId, name });
        }
        return artifacts().uploads.begin({ actor: actorOf(context), ...input });
      }),
      append: os.artifacts.append.handler(async ({ input, context }) => {
        const bytes = new Uint8Array(await input.bytes.arrayBuffer());
        return artifacts().uploads.append(input.uploadId, input.offset, bytes, actorOf(context));
      }),
      finish: os.artifacts.finish.handler(({ input, context }) =>
        artifacts().uploads.finish(input.uploadId, input.sha256, actorOf(context)),
      ),
    },
    records: {
      list: os.records.list.handler(({ input }) => records().list(input.caseId)),
      get: os.records.get.handler(({ input }) => records().get(input.id)),
    },
    hub: {
      state: os.hub.state.handler(() => life.bench().sync.view()),
      blobs: os.hub.blobs.handler(() => life.bench().blobs.view()),
      enrol: os.hub.enrol.handler(({ input, context }) =>
        life.bench().sync.enrol(actorOf(context), input.url, input.code),
      ),
      leave: os.hub.leave.handler(async ({ context }) => {
        await life.bench().sync.leave(actorOf(context));
        return { ok: true as const };
      }),
      rotateKey: os.hub.rotateKey.handler(async ({ context }) => {
        await life.bench().sync.rotateKey(actorOf(context));
        return ok;
      }),
      sync: os.hub.sync.handler(() => life.bench().sync.once()),
    },
    conflicts: {
      list: os.conflicts.list.handler(({ input }) => life.bench().conflicts.list(input)),
      settle: os.conflicts.settle.handler(({ input, context }) => {
        life.bench().conflicts.settle(actorOf(context), input);
        return ok;
      }),
    },
    verify: {
      log: os.verify.log.handler(() => life.bench().verifyLog()),
      artifact: os.verify.artifact.handler(({ input, signal }) => artifacts().verify(input.id, signal)),
      record: os.verify.record.handler(({ input }) => records().verify(input.id)),
    },
  };
}
