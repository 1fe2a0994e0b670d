import { version } from '../package.json'

/** The app's own version, as it is reported to the server. */
export const APP_VERSION: string = version
