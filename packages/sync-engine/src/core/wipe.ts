/** How far the remote wipe of a device is, and what a person is shown of it. */
export type WipeProgress = {
  /**
   * `deleting` what the store and the program have of the device · `acknowledging` it to the server, until that answers ·
   * `forgetting` the credential · `done`: nothing is left but this.
   */
  step: 'deleting' | 'acknowledging' | 'forgetting' | 'done'
  /** Writes that no server had, when the wipe began. */
  unsentDeleted: number
  /** Of the workspace whose admin has asked for it; null where the device has never been told. */
  workspaceName: string | null
}

/** The mark that a wipe leaves in the store, before anything is deleted and until the store itself is removed (ENG-80). */
export type Wipe = WipeProgress & {
  /** The device that is wiped. */
  deviceId: string
}

/** The device is being wiped, or was: its store takes no writes (ENG-80). */
export class WipedStoreError extends Error {
  override name = 'WipedStoreError'
  readonly wipe: WipeProgress

  constructor(wipe: WipeProgress) {
    super(describeWipe(wipe))
    this.wipe = wipe
  }
}

/** For people, in a log. */
export const describeWipe = ({ step }: WipeProgress): string =>
  step === 'done' ? 'This device was wiped by an admin.' : 'This device is being wiped by an admin.'
