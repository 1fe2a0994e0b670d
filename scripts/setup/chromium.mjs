import { existsSync } from 'node:fs'

// First the headless build: the same engine without desktop windows, which starts in a third of the time.
const PLACES = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The Chromium of this machine: what CHROMIUM_PATH names, else one in the usual places, else undefined. */
export function chromiumPath() {
  return process.env.CHROMIUM_PATH || PLACES.find((place) => existsSync(place))
}
