import type {
  CorrectionId,
  DeviceId,
  ObservationId,
  PatchId,
  RecommendationId,
  SyncId,
} from '@fieldsync/contracts'

/** Time as an input. */
export interface Clock {
  /** Milliseconds since 1970. May be wrong and may jump: nothing is ordered by it. */
  now(): number
  /** Calls back once after so many milliseconds, unless the returned function is called first. */
  after(milliseconds: number, callback: () => void): () => void
}

/** What the platform believes of its network. A wrong `true` costs a failed attempt, so adapters say `true` in doubt. */
export interface Connectivity {
  isOnline(): boolean
  onChange(listener: (online: boolean) => void): () => void
}

/** The device's credential, seen from the engine: it only learns that the server refused it. */
export interface Credentials {
  /**
   * Does what a refusal asks for (`details.action` of AUTH_REQUIRED, as `authenticate`, `new_token`, `re_enrol`).
   * True when the next call may be accepted: with another credential, or with another proof of the same one; false leaves
   * it to a person. Rejects, with the members of a {@link TransportFailure}, where it could not be done now.
   */
  renew(action: string): Promise<boolean>
  /** Removes the credential from the device, after a wipe was acknowledged; may be called again (ENG-83). */
  forget?(): Promise<void>
}

/** Mints ids that no other device mints (IDS-1): a day, and a ULID of the moment. */
export interface Ids {
  observation(): ObservationId
  recommendation(): RecommendationId
  patch(): PatchId
  correction(): CorrectionId
  sync(): SyncId
}

/**
 * The live stream: pokes that there is something to pull, without data. Reconnects by itself; `onPoke` is called for every
 * word, and after every reconnect, since one may have been missed meanwhile.
 */
export interface LivePoke {
  subscribe(onPoke: () => void): () => void
}

/** Randomness as an input: uniform in [0, 1). For jitter and for the random part of ids. */
export interface Random {
  next(): number
}

/** A lock over all tabs of a site, for one piece of work. */
export type TabLockRequest = {
  readonly name: string
  /** Takes it from a tab that no longer answers. */
  readonly steal?: boolean
  /** @param lost aborts when another tab has taken the lock */
  readonly work: (lost: AbortSignal) => Promise<void>
}

/** A way to the other tabs of a site that have opened a channel of this name. */
export type TabChannel = { post(message: string): void; close(): void }

/** What the tabs of a site have in common. */
export interface Tabs {
  /**
   * Runs the work unless another tab holds the lock; does not wait for it. A tab that dies lets go of it.
   * @returns whether the work ran, after its end
   * @throws what the work throws; an error where tabs can agree on nothing
   */
  alone(request: TabLockRequest): Promise<boolean>
  /** Tabs that cannot hear each other get a channel on which nothing comes. */
  channel(name: string, onMessage: (message: unknown) => void): TabChannel
  /** Whether a person can see this one. */
  isVisible(): boolean
}

/** One send of a batch: the exact body that was kept before its first byte went out. */
export type BatchCall = {
  idempotencyKey: string
  /** JSON text of a SyncBatchRequest. */
  body: string
  /** The call cannot be made smaller: the slowest link gets all the time that it needs for it (ENG-53). */
  indivisible?: boolean
  /** Compressed bodies are known not to get through to this address (HDR-6). */
  uncompressed?: boolean
  /**
   * To be called once the platform has the whole request, so that it goes out whatever the program does next: until the answer
   * the engine then works on the batches before and after this one (ENG-87). A transport that never calls it is slower.
   */
  onHandedOver?: () => void
  signal: AbortSignal
}

/** What came back, whatever its status and whether it is what it should be. */
export type BatchAnswer = {
  status: number
  body: string
  /** From `Retry-After`, in milliseconds. */
  retryAfterMs?: number
  /** The body went through uncompressed after its compressed form was refused: to be remembered (HDR-6). */
  uncompressed?: boolean
  /** The contract version that the answer announces (HDR-4), as it came. */
  contract?: string
}

/**
 * What an error of a transport may say beside its message. `timeout`: the time limit of the call has passed, so that
 * sending the same bytes again is no use. `redirected`: the address redirects to `address` (null where that cannot be
 * read), and the redirect was not followed. `busy`: what the credential is fetched from requests a pause.
 * `AUTH_REQUIRED`: there is no credential to send the call with, with the same details as the server's refusal.
 */
export type TransportFailure =
  | { kind: 'timeout' }
  | { kind: 'redirected'; address: string | null }
  | { kind: 'busy'; retryAfterMs?: number | undefined }
  | { code: 'AUTH_REQUIRED'; details: { reason: string; action: string } }

/**
 * The way to the server. Rejects when no complete answer came: no network, a time-out, a cut connection, a redirect, an
 * abort. An error may carry the members of a {@link TransportFailure}.
 */
export interface Transport {
  /** Where calls go: another address may be another server, and what is learned about the way is stored with it. */
  readonly address: string
  /** The operation `session.get`: with it a server and a device meet (ENG-31). */
  session(call: { signal: AbortSignal }): Promise<BatchAnswer>
  syncBatch(call: BatchCall): Promise<BatchAnswer>
  /** The operation `devices.acknowledgeWipe`. A device without it is never wiped: a person decides. */
  acknowledgeWipe?(call: {
    deviceId: DeviceId
    unsentDeleted: number
    signal: AbortSignal
  }): Promise<BatchAnswer>
}
