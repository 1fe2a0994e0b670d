import { type ZxcvbnFactory } from '@zxcvbn-ts/core'

/** A password that is found within so many guesses is refused; a list of the most used ones has a few thousand. */
const LEAST_GUESSES = 1e8
/** What is behind these characters makes no password guessable, and would cost time. */
const MOST_CHARACTERS = 64
const LEAST_WORD = 3
/** Of the product: nobody's own. */
const PRODUCT = ['fieldsync']

let estimator: Promise<ZxcvbnFactory> | undefined

/** Its lists take some megabytes: they are loaded once a password is first chosen. */
async function loaded(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory: Factory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ])
  return new Factory({ dictionary, graphs: adjacencyGraphs })
}

/**
 * Whether a password is among the first that somebody would try (PEO-21): one of forty thousand common ones, also with a year behind
 * it or written with digits, a row of keys, a repetition, or what is known of the person.
 *
 * @param context name, address and the like, in any form
 */
export async function isGuessable(password: string, context: readonly string[]): Promise<boolean> {
  estimator ??= loaded()
  // Whole, an address up to its at sign, and each word.
  const words = context.flatMap((text) => [text, ...text.split('@', 1), ...text.split(/[^\p{L}\p{N}]+/u)])
  const known = [...words, ...PRODUCT].filter((word) => word.length >= LEAST_WORD)
  return (await estimator).check(password.slice(0, MOST_CHARACTERS), known).guesses < LEAST_GUESSES
}
