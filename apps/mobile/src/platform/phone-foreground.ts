import { AppState } from 'react-native'

/** Calls back when the app is shown after it was not (ENG-19): a phone has no page whose visibility changes. */
export function onPhoneForeground(callback: () => void): () => void {
  let before = AppState.currentState
  const subscription = AppState.addEventListener('change', (state) => {
    // A call, a notification drawer or the switcher make an app inactive; only one that was away has missed something.
    if (state === 'active' && before !== 'active') callback()
    before = state
  })
  return () => subscription.remove()
}
