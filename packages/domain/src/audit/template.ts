import { canonicalText } from '../canonical.ts'
import type { AuditBody, AuditChange } from './body.ts'

/**
 * The canonical text of an audit body around its `seq`, which is known only once the chain's head is locked:
 * `prefix + String(seq) + suffix` equals `canonicalText({ ...body, seq })` (RFC 8785, AUD-3).
 */
export function auditTemplate(body: Omit<AuditBody, 'seq'>): { prefix: string; suffix: string } {
  // Names in the order of RFC 8785; seq falls between req and tgt.
  const personalText = body.pii === undefined ? '' : `"pii":${canonicalText(body.pii)},`
  const prefix =
    `{"act":${canonicalText(body.act)},"actor":${canonicalText(body.actor)},"at":${canonicalText(body.at)},` +
    `"chg":[${body.chg.map(changeText).join(',')}],"out":${canonicalText(body.out)},${personalText}` +
    `"req":${canonicalText(body.req)},"seq":`
  const whyText = body.why === undefined ? '' : `,"why":${canonicalText(body.why)}`
  const suffix = `,"tgt":${canonicalText(body.tgt)},"v":${canonicalText(body.v)}${whyText},"ws":${canonicalText(body.ws)}}`
  return { prefix, suffix }
}

// A batch has up to a thousand changes of this one shape: written out, no names are sorted. Strings are written by
// RFC 8785 as JSON.stringify writes them; ids and hashes were parsed and are well-formed.
function changeText({ after, before, cause, code, edit, id, kind, paths, type }: AuditChange): string {
  const editText = edit === undefined ? '' : `"edit":${canonicalText(edit)},`
  const causeText = cause === undefined ? '' : `"cause":${canonicalText(cause)},`
  const codeText = code === undefined ? '' : `"code":${JSON.stringify(code)},`
  const pathsText = paths === undefined ? '' : `"paths":${canonicalText(paths)},`
  return (
    `{"after":${JSON.stringify(after)},"before":${JSON.stringify(before)},${causeText}${codeText}${editText}"id":${JSON.stringify(id)},` +
    `"kind":${JSON.stringify(kind)},${pathsText}"type":${JSON.stringify(type)}}`
  )
}
