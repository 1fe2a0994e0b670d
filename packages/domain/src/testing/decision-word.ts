import type { Decision } from '../rules/decision.ts'

/** A decision in the words of the transition tables: `update+`, `duplicate~`, `STALE_WRITE`. */
export function decisionText(decision: Decision): string {
  if (decision.kind === 'accept') return `${decision.change}${decision.newCorrection ? '+' : ''}`
  if (decision.kind === 'duplicate') return `duplicate${decision.moveTime ? '~' : ''}`
  return decision.code.replace(/^(OBSERVATION|RECOMMENDATION)_/, '')
}
