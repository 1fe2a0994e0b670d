import { version } from '../package.json'

/** The app's own version, as it is told to the server. */
export const APP_VERSION: string = version
