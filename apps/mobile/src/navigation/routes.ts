/** Every place in the app. */
export type Route =
  | { readonly screen: 'home' | 'new' | 'history' | 'conflicts' | 'playbook' | 'settings' | 'missing' }
  | { readonly screen: 'recommendations' }
  | { readonly screen: 'observation' | 'edit' | 'correct' | 'recommendation'; readonly id: string }
  | { readonly screen: 'conflict' | 'fix'; readonly id: string }
  | { readonly screen: 'value'; readonly playbookId: string; readonly pointer: string }

const PLAIN = ['new', 'history', 'conflicts', 'playbook', 'recommendations', 'settings'] as const

/** The path of a place, as the address bar shows it. */
export function pathOf(route: Route): string {
  switch (route.screen) {
    case 'home':
    case 'missing':
      return '/'
    case 'observation':
      return `/history/${encodeURIComponent(route.id)}`
    case 'edit':
    case 'correct':
      return `/history/${encodeURIComponent(route.id)}/${route.screen}`
    case 'recommendation':
      return `/recommendations/${encodeURIComponent(route.id)}`
    case 'conflict':
      return `/conflicts/${encodeURIComponent(route.id)}`
    case 'fix':
      return `/conflicts/${encodeURIComponent(route.id)}/fix`
    case 'value':
      return `/playbook/${encodeURIComponent(route.playbookId)}/${encodeURIComponent(route.pointer)}`
    default:
      return `/${route.screen}`
  }
}

/** The place of a path; `missing` for one that leads nowhere. */
export function routeOf(path: string): Route {
  const parts = path.split('/').filter((part) => part !== '')
  const [first, second, third] = parts.map(decoded)
  if (parts.length > 3) return { screen: 'missing' }
  if (first === undefined) return { screen: 'home' }
  if (second === undefined) {
    const plain = PLAIN.find((each) => each === first)
    return plain === undefined ? { screen: 'missing' } : { screen: plain }
  }
  return below(first, second, third) ?? { screen: 'missing' }
}

function below(first: string, second: string, third: string | undefined): Route | undefined {
  if (first === 'history') {
    if (third === undefined) return { screen: 'observation', id: second }
    if (third === 'edit' || third === 'correct') return { screen: third, id: second }
  }
  if (first === 'conflicts') {
    if (third === undefined) return { screen: 'conflict', id: second }
    if (third === 'fix') return { screen: 'fix', id: second }
  }
  if (first === 'recommendations' && third === undefined) return { screen: 'recommendation', id: second }
  if (first === 'playbook' && third !== undefined) {
    return { screen: 'value', playbookId: second, pointer: third }
  }
  return undefined
}

/** The place above, where the arrow at the top leads; null at the top itself. */
export function parentOf(route: Route): Route | null {
  switch (route.screen) {
    case 'home':
    case 'history':
    case 'conflicts':
    case 'playbook':
      return null
    case 'observation':
      return { screen: 'history' }
    case 'edit':
    case 'correct':
      return { screen: 'observation', id: route.id }
    case 'conflict':
      return { screen: 'conflicts' }
    case 'fix':
      return { screen: 'conflict', id: route.id }
    case 'value':
      return { screen: 'playbook' }
    case 'recommendation':
      return { screen: 'recommendations' }
    case 'new':
    case 'recommendations':
    case 'settings':
    case 'missing':
      return { screen: 'home' }
  }
}

/** An address typed by hand may hold what is no encoding. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
