/**
 * True if some pointer of one list equals, contains or is below some pointer of the other (CNF-5). Linear in the length
 * of both lists.
 */
export function pathsOverlap(a: readonly string[], b: readonly string[]): boolean {
  return anyLiesIn(a, b) || anyLiesIn(b, a)
}

function anyLiesIn(inner: readonly string[], outer: readonly string[]): boolean {
  const roots = new Set(outer)
  return inner.some((pointer) => selfAndAncestors(pointer).some((ancestor) => roots.has(ancestor)))
}

// A list of segments has exactly one spelling as a pointer, and a slash in it always ends a segment: cutting the
// text at slashes compares by segment.
function selfAndAncestors(pointer: string): string[] {
  const found = ['']
  for (let end = pointer.length; end > 0; end = pointer.lastIndexOf('/', end - 1)) {
    found.push(pointer.slice(0, end))
  }
  return found
}
