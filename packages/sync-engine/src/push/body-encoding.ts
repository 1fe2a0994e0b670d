import { transact, type EngineContext } from '../core/engine-context.ts'
import { readMeta, writeMeta } from '../core/engine-meta.ts'
import type { Transport } from '../core/ports.ts'

// A proxy may be fixed, or the device be elsewhere: then a compressed body is tried once again.
const REMEMBERED_MS = 7 * 24 * 60 * 60_000

/** Whether batches to one address go out uncompressed, since compressed ones do not get through (HDR-6). */
export class BodyEncoding {
  readonly #context: EngineContext
  readonly #address: string
  #uncompressed: boolean

  private constructor(context: EngineContext, address: string, uncompressed: boolean) {
    this.#context = context
    this.#address = address
    this.#uncompressed = uncompressed
  }

  /** As it was found to be at this address in the last week. */
  static async load(context: EngineContext, { address }: Transport): Promise<BodyEncoding> {
    const [known] = await context.store.read((transaction) => readMeta(transaction, ['uncompressed']))
    const age = context.clock.now() - (known?.since ?? 0)
    const holds = known?.address === address && age >= 0 && age < REMEMBERED_MS
    return new BodyEncoding(context, address, holds)
  }

  get uncompressed(): boolean {
    return this.#uncompressed
  }

  async remember(): Promise<void> {
    this.#uncompressed = true
    const found = { address: this.#address, since: this.#context.clock.now() }
    await transact(this.#context, (_, transaction) => writeMeta(transaction, 'uncompressed', found))
  }
}
