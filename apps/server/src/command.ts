/** How the command line is invoked: by npm in a checkout; a runtime tree's own program says its name. */
export const COMMAND = process.env['FIELDSYNC_COMMAND'] ?? 'npm run -s fieldsync --'
