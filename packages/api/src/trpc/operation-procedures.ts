import { randomUUID } from 'node:crypto'

import {
  enrollmentLink,
  invitationLink,
  OPERATIONS,
  type Parsed,
  parseInput,
  resetLink,
  SUBSCRIPTIONS,
  type SyncBatchRequest,
} from '@fieldsync/contracts'
import { type JsonText, type Page, type Proof, type Replayable, validationError } from '@fieldsync/services'
import type { z } from 'zod'

import {
  anonymousContext,
  type ApiContext,
  type CallerContext,
  refuseTransportIssues,
  serviceContext,
} from '../core/api-context.ts'
import { internalError } from '../core/refusals.ts'
import { batchInput, syncBatch } from '../core/sync-batch.ts'
import { openProcedure, procedure } from './procedures.ts'

/** An answer that is already JSON text, as a client's types see it: `toJSON` gives what arrives. */
export type AnswerText<T> = { readonly text: string; toJSON(): T }

/** One page of a list, the same way; `nextCursor` is null at the end. */
export type AnswerPage<T> = { readonly items: AnswerText<T[]>; readonly nextCursor: string | null }

/** A parser as tRPC accepts it: a function, with the types that a client sends and a procedure receives. */
export type ContractInput<In, Out> = ((value: unknown) => Out) & {
  readonly _input: In
  readonly _output: Out
}

/** An input of the contract; all that is wrong with it becomes one VALIDATION_ERROR. */
const contractInput = <S extends z.ZodType>(schema: S): ContractInput<z.input<S>, z.output<S>> =>
  inputFrom((value) => parseInput(schema, value))

/** The same where nothing in the input is required, so that a client may omit it. */
const optionalInput = <S extends z.ZodType>(schema: S): ContractInput<z.input<S> | void, z.output<S>> =>
  inputFrom((value) => parseInput(schema, value === undefined ? {} : value))

/** An input read by a parser of its own. */
function inputFrom<In, Out>(parse: (value: unknown) => Parsed<Out>): ContractInput<In, Out> {
  const read = (value: unknown): Out => {
    const parsed = parse(value)
    if (parsed.ok) return parsed.value
    throw validationError(parsed.issues, parsed.more)
  }
  // `_input` and `_output` are for the compiler alone: tRPC infers a client's types from them and never reads them.
  return read as ContractInput<In, Out>
}

/** Records that an answer was stored earlier, and returns its document. */
async function replayable<T>(ctx: ApiContext, answer: Promise<Replayable<T>>): Promise<AnswerText<T>> {
  const { document, replayed } = await answer
  ctx.reply.replayed = replayed
  return document
}

/** The same of a change that may take a second person: its answer says whether it is a proposal (PUB-10). */
async function proposable<T extends object>(
  ctx: ApiContext,
  answer: Promise<Replayable<T>>,
): Promise<AnswerText<T>> {
  const document = await replayable(ctx, answer)
  ctx.reply.proposed = 'proposalId' in document.toJSON()
  return document
}

// The same values without the services' own types, which must not be in a client's.
const asAnswer = <T>(answer: Promise<JsonText<T>>): Promise<AnswerText<T>> => answer
const asPage = <T>(page: Promise<Page<T>>): Promise<AnswerPage<T>> => page

const syncBatchInput = batchInput as ContractInput<z.input<typeof SyncBatchRequest>, SyncBatchRequest>
const inputOf = <Name extends keyof typeof OPERATIONS>(name: Name): (typeof OPERATIONS)[Name]['input'] =>
  OPERATIONS[name].input

const read = <S extends z.ZodType>(schema: S) => procedure.input(contractInput(schema))
const browse = <S extends z.ZodType>(schema: S) => procedure.input(optionalInput(schema))

/**
 * A write that came without the header of its idempotency key (tRPC) gets one. A record's id is not a key: it stays the same when
 * the record is edited, and the rules recognize a repeated record by its content.
 */
const writing = (ctx: CallerContext) => serviceContext(ctx, ctx.actor, ctx.idempotencyKey ?? randomUUID())
const reading = (ctx: CallerContext) => serviceContext(ctx, ctx.actor, '')

/** The transport has verified it, before anything else of the request was read. */
function requiredProof({ proof }: ApiContext): Proof {
  if (!proof) throw internalError(new Error('an operation that registers a key was called without a proof'))
  return proof
}

/**
 * Every operation and subscription of the contract as a procedure of the same name: an adapter over one verb, without
 * rules. Clients' types are derived from it: they must not contain the server's own types.
 */
export const operationProcedures = {
  health: openProcedure.input(optionalInput(inputOf('health'))).query(({ ctx }) => {
    refuseTransportIssues(ctx)
    const { runtime, clock, verbs, version } = ctx.api
    return verbs.checkHealth({ runtime, clock, version })
  }),
  sync: {
    batch: procedure.input(syncBatchInput).mutation(({ ctx, input }) => asAnswer(syncBatch(ctx, input))),
    live: browse(SUBSCRIPTIONS['sync.live'].input).subscription(({ ctx, input }) =>
      ctx.api.verbs.followWorkspace({ ctx: reading(ctx), input }),
    ),
  },
  observations: {
    erase: read(inputOf('observations.erase')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.eraseObservations({ ctx: writing(ctx), input })),
    ),
    create: read(inputOf('observations.create')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.createObservation({ ctx: writing(ctx), input })),
    ),
    list: browse(inputOf('observations.list')).query(({ ctx, input }) =>
      asPage(ctx.api.verbs.listObservations({ ctx: reading(ctx), input })),
    ),
    get: read(inputOf('observations.get')).query(({ ctx, input }) =>
      asAnswer(ctx.api.verbs.getObservation({ ctx: reading(ctx), input })),
    ),
    corrections: read(inputOf('observations.corrections')).query(({ ctx, input }) =>
      asPage(ctx.api.verbs.listCorrections({ ctx: reading(ctx), input })),
    ),
  },
  recommendations: {
    list: browse(inputOf('recommendations.list')).query(({ ctx, input }) =>
      asPage(ctx.api.verbs.listRecommendations({ ctx: reading(ctx), input })),
    ),
    get: read(inputOf('recommendations.get')).query(({ ctx, input }) =>
      asAnswer(ctx.api.verbs.getRecommendation({ ctx: reading(ctx), input })),
    ),
    generate: read(inputOf('recommendations.generate')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.generateRecommendation({ ctx: writing(ctx), input })),
    ),
  },
  playbooks: {
    list: browse(inputOf('playbooks.list')).query(({ ctx, input }) =>
      asPage(ctx.api.verbs.listPlaybooks({ ctx: reading(ctx), input })),
    ),
    get: read(inputOf('playbooks.get')).query(({ ctx, input }) =>
      asAnswer(ctx.api.verbs.getPlaybook({ ctx: reading(ctx), input })),
    ),
    versions: read(inputOf('playbooks.versions')).query(({ ctx, input }) =>
      asPage(ctx.api.verbs.listPlaybookVersions({ ctx: reading(ctx), input })),
    ),
    applyPatch: read(inputOf('playbooks.applyPatch')).mutation(({ ctx, input }) =>
      proposable(ctx, ctx.api.verbs.applyPlaybookPatch({ ctx: writing(ctx), input })),
    ),
    create: read(inputOf('playbooks.create')).mutation(({ ctx, input }) =>
      proposable(ctx, ctx.api.verbs.createPlaybook({ ctx: writing(ctx), input })),
    ),
    publish: read(inputOf('playbooks.publish')).mutation(({ ctx, input }) =>
      proposable(ctx, ctx.api.verbs.publishPlaybookVersion({ ctx: writing(ctx), input })),
    ),
    rollBack: read(inputOf('playbooks.rollBack')).mutation(({ ctx, input }) =>
      proposable(ctx, ctx.api.verbs.rollBackPlaybook({ ctx: writing(ctx), input })),
    ),
    retire: read(inputOf('playbooks.retire')).mutation(({ ctx, input }) =>
      proposable(ctx, ctx.api.verbs.retirePlaybook({ ctx: writing(ctx), input })),
    ),
  },
  proposals: {
    list: browse(inputOf('proposals.list')).query(({ ctx, input }) =>
      asPage(ctx.api.verbs.listProposals({ ctx: reading(ctx), input })),
    ),
    get: read(inputOf('proposals.get')).query(({ ctx, input }) =>
      asAnswer(ctx.api.verbs.getProposal({ ctx: reading(ctx), input })),
    ),
    approve: read(inputOf('proposals.approve')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.approveProposal({ ctx: writing(ctx), input })),
    ),
    reject: read(inputOf('proposals.reject')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.rejectProposal({ ctx: writing(ctx), input })),
    ),
    withdraw: read(inputOf('proposals.withdraw')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.withdrawProposal({ ctx: writing(ctx), input })),
    ),
  },
  patches: {
    get: read(inputOf('patches.get')).query(({ ctx, input }) =>
      asAnswer(ctx.api.verbs.getPatch({ ctx: reading(ctx), input })),
    ),
  },
  weather: {
    live: read(inputOf('weather.live')).query(({ ctx, input }) =>
      ctx.api.verbs.getLiveWeather({ ctx: reading(ctx), input }),
    ),
    get: read(inputOf('weather.get')).query(({ ctx, input }) =>
      asAnswer(ctx.api.verbs.getWeather({ ctx: reading(ctx), input })),
    ),
  },
  audit: {
    list: browse(inputOf('audit.list')).query(({ ctx, input }) =>
      asPage(ctx.api.verbs.listAudit({ ctx: reading(ctx), input })),
    ),
    state: browse(inputOf('audit.state')).query(({ ctx, input }) =>
      ctx.api.verbs.getAuditState({ ctx: reading(ctx), input }),
    ),
    acknowledgeLoss: read(inputOf('audit.acknowledgeLoss')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.acknowledgeLoss({ ctx: writing(ctx), input })),
    ),
  },
  session: {
    get: browse(inputOf('session.get')).query(({ ctx, input }) =>
      ctx.api.verbs.getSession({ ctx: reading(ctx), input }),
    ),
  },
  overview: {
    get: browse(inputOf('overview.get')).query(({ ctx, input }) =>
      ctx.api.verbs.getOverview({ ctx: reading(ctx), input }),
    ),
  },
  devices: {
    list: browse(inputOf('devices.list')).query(({ ctx, input }) =>
      asPage(ctx.api.verbs.listDevices({ ctx: reading(ctx), input })),
    ),
    create: read(inputOf('devices.create')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.createDevice({ ctx: writing(ctx), input })),
    ),
    revoke: read(inputOf('devices.revoke')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.revokeDevice({ ctx: writing(ctx), input })),
    ),
    readmit: read(inputOf('devices.readmit')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.readmitDevice({ ctx: writing(ctx), input })),
    ),
    setRole: read(inputOf('devices.setRole')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.setDeviceRole({ ctx: writing(ctx), input })),
    ),
    openEnrollment: read(inputOf('devices.openEnrollment')).mutation(({ ctx, input }) => {
      const linkTo = (code: string): string => enrollmentLink(ctx.address(), code)
      return replayable(ctx, ctx.api.verbs.openEnrollment({ ctx: writing(ctx), input: { ...input, linkTo } }))
    }),
    enroll: openProcedure.input(contractInput(inputOf('devices.enroll'))).mutation(({ ctx, input }) => {
      refuseTransportIssues(ctx)
      const proof = requiredProof(ctx)
      return ctx.refusable(() => ctx.api.verbs.enrollDevice({ ctx: anonymousContext(ctx), proof, input }))
    }),
    upgrade: read(inputOf('devices.upgrade')).mutation(({ ctx, input }) => {
      const proof = requiredProof(ctx)
      return replayable(ctx, ctx.api.verbs.upgradeDevice({ ctx: writing(ctx), input: { ...input, proof } }))
    }),
    rotateKey: read(inputOf('devices.rotateKey')).mutation(({ ctx, input }) => {
      const request = ctx.request()
      return replayable(ctx, ctx.api.verbs.rotateKey({ ctx: writing(ctx), input: { ...input, request } }))
    }),
    confirmKey: read(inputOf('devices.confirmKey')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.confirmKey({ ctx: writing(ctx), input })),
    ),
    wipe: read(inputOf('devices.wipe')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.wipeDevice({ ctx: writing(ctx), input })),
    ),
    acknowledgeWipe: openProcedure
      .input(contractInput(inputOf('devices.acknowledgeWipe')))
      .mutation(({ ctx, input }) => {
        refuseTransportIssues(ctx)
        const { deviceToken } = ctx
        const credential = deviceToken === undefined ? { proof: requiredProof(ctx) } : { deviceToken }
        return ctx.refusable(() =>
          ctx.api.verbs.acknowledgeWipe({ ctx: anonymousContext(ctx), credential, input }),
        )
      }),
    reissueToken: read(inputOf('devices.reissueToken')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.reissueToken({ ctx: writing(ctx), input })),
    ),
  },
  workspace: {
    settings: browse(inputOf('workspace.settings')).query(({ ctx, input }) =>
      ctx.api.verbs.getSettings({ ctx: reading(ctx), input }),
    ),
    changeSettings: read(inputOf('workspace.changeSettings')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.changeSettings({ ctx: writing(ctx), input })),
    ),
  },
  security: {
    list: browse(inputOf('security.list')).query(({ ctx, input }) =>
      asPage(ctx.api.verbs.listSecurityEvents({ ctx: reading(ctx), input })),
    ),
  },
  services: {
    list: browse(inputOf('services.list')).query(({ ctx, input }) =>
      asPage(ctx.api.verbs.listServices({ ctx: reading(ctx), input })),
    ),
    create: read(inputOf('services.create')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.createService({ ctx: writing(ctx), input })),
    ),
    rotate: read(inputOf('services.rotate')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.rotateService({ ctx: writing(ctx), input })),
    ),
    grant: read(inputOf('services.grant')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.grantService({ ctx: writing(ctx), input })),
    ),
    revoke: read(inputOf('services.revoke')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.revokeService({ ctx: writing(ctx), input })),
    ),
  },
  people: {
    list: browse(inputOf('people.list')).query(({ ctx, input }) =>
      asPage(ctx.api.verbs.listPeople({ ctx: reading(ctx), input })),
    ),
    invitations: browse(inputOf('people.invitations')).query(({ ctx, input }) =>
      asPage(ctx.api.verbs.listInvitations({ ctx: reading(ctx), input })),
    ),
    invite: read(inputOf('people.invite')).mutation(({ ctx, input }) => {
      const linkTo = (code: string): string => invitationLink(ctx.address(), code)
      return replayable(ctx, ctx.api.verbs.invitePerson({ ctx: writing(ctx), input: { ...input, linkTo } }))
    }),
    withdrawInvitation: read(inputOf('people.withdrawInvitation')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.withdrawInvitation({ ctx: writing(ctx), input })),
    ),
    setRole: read(inputOf('people.setRole')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.setPersonRole({ ctx: writing(ctx), input })),
    ),
    endAccess: read(inputOf('people.endAccess')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.endAccess({ ctx: writing(ctx), input })),
    ),
    resetLink: read(inputOf('people.resetLink')).mutation(({ ctx, input }) => {
      const linkTo = (code: string): string => resetLink(ctx.address(), code)
      return replayable(
        ctx,
        ctx.api.verbs.createResetLink({ ctx: writing(ctx), input: { ...input, linkTo } }),
      )
    }),
  },
  grants: {
    list: browse(inputOf('grants.list')).query(({ ctx, input }) =>
      asPage(ctx.api.verbs.listGrants({ ctx: reading(ctx), input })),
    ),
    create: read(inputOf('grants.create')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.createGrant({ ctx: writing(ctx), input })),
    ),
    revoke: read(inputOf('grants.revoke')).mutation(({ ctx, input }) =>
      replayable(ctx, ctx.api.verbs.revokeGrant({ ctx: writing(ctx), input })),
    ),
  },
  syncs: {
    list: browse(inputOf('syncs.list')).query(({ ctx, input }) =>
      asPage(ctx.api.verbs.listSyncs({ ctx: reading(ctx), input })),
    ),
    get: read(inputOf('syncs.get')).query(({ ctx, input }) =>
      asAnswer(ctx.api.verbs.getSync({ ctx: reading(ctx), input })),
    ),
  },
}
