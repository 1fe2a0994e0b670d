import manifest from '../package.json' with { type: 'json' }

/** Version of this server. */
export const SERVER_VERSION: string = manifest.version
