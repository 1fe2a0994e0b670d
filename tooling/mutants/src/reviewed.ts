import { readFileSync } from 'node:fs'
import path from 'node:path'

/** What became of one mutant: `code` at this line, written as `replacement`. */
export type Outcome = {
  file: string
  line: number
  code: string
  replacement: string
  status: string
  /** The test that failed, or what else ended the run. */
  noticedBy: string | null
}

/** A mutant that may survive, and why: it changes nothing that can be observed, or nothing worth a test. */
export type Reviewed = { file: string; code: string; replacement: string; why: string }

export const REVIEWED = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '..', 'reviewed.json'), 'utf8'),
) as readonly Reviewed[]

const sameText = (a: string, b: string): boolean => a.replaceAll(/\s+/g, ' ') === b.replaceAll(/\s+/g, ' ')

export const isReviewed = (outcome: Outcome, list: readonly Reviewed[] = REVIEWED): boolean =>
  list.some(
    ({ file, code, replacement }) =>
      file === outcome.file && sameText(code, outcome.code) && sameText(replacement, outcome.replacement),
  )

/** No test failed with the mutant in place; one that no test reaches has survived too. */
export const isSurvivor = ({ status }: Outcome): boolean => status === 'Survived' || status === 'NoCoverage'

export type Score = {
  noticed: number
  survived: readonly Outcome[]
  reviewed: number
  /** Of those that could be noticed, in percent; a reviewed survivor counts as one that cannot. */
  percent: number
}

/**
 * The score of a package. A mutant that the tests load but that ends them before one has run is not counted, as in
 * Stryker's own score.
 */
export function scoreOf(outcomes: readonly Outcome[], list: readonly Reviewed[] = REVIEWED): Score {
  const noticed = outcomes.filter(({ status }) => status === 'Killed' || status === 'Timeout').length
  const undetected = outcomes.filter(isSurvivor)
  const survived = undetected.filter((outcome) => !isReviewed(outcome, list))
  const counted = noticed + survived.length
  return {
    noticed,
    survived,
    reviewed: undetected.length - survived.length,
    percent: counted === 0 ? 100 : (100 * noticed) / counted,
  }
}
