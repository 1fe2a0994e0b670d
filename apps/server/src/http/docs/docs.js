// Runs in the browser: shows the API's own OpenAPI document, in the system's color scheme.
const dark = matchMedia('(prefers-color-scheme: dark)')
const followSystem = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', followSystem)
followSystem()

SwaggerUIBundle({
  url: '/v1/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  docExpansion: 'list',
  // Would have an external service validate the document.
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
})
