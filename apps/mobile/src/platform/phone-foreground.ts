/** What is needed of React Native's AppState. */
type AppStates = {
  readonly currentState: string
  addEventListener(type: 'change', listener: (state: string) => void): { remove: () => void }
}

/**
 * How a client hears that the app is shown after it was not (ENG-19): a phone has no page whose visibility changes.
 *
 * @returns a function that listens until the one that it returns is called
 */
export const phoneForeground =
  (states: AppStates) =>
  (callback: () => void): (() => void) => {
    let before = states.currentState
    const subscription = states.addEventListener('change', (state) => {
      if (state === 'active' && before !== 'active') callback()
      before = state
    })
    return () => subscription.remove()
  }
