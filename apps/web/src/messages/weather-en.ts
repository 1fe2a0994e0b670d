/** What the console says of where weather comes from. */
export const weatherEn = {
  'settings.weather': 'Weather for recommendations',
  'settings.weather.live': 'Live',
  'settings.weather.live.about':
    'The server asks a weather service for the area of a note, to about 10 km. It takes a server that is set up for this.',
  'settings.weather.demo': 'Demo',
  'settings.weather.demo.about': 'Made-up weather to try things out. Do not spray by it.',
  'settings.weather.off': 'Off',
  'settings.weather.off.about': 'No weather: recommendations rest on the notes alone and say so.',
} as const
