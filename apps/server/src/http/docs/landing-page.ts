/** The page at `/`: what this server is, and links. Static, so that no input reaches it. */
export function landingPage(version: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Fieldsync</title>
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/page.css">
</head>
<body>
<main>
<h1>Fieldsync</h1>
<p>The sync server for vineyard scouts is running. Version ${version}.</p>
<ul>
<li><a href="/docs">API reference</a></li>
<li><a href="/v1/openapi.json">OpenAPI document</a></li>
<li><a href="/v1/health">Health</a></li>
</ul>
</main>
</body>
</html>
`
}
