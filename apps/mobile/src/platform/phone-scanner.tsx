import { Camera, CameraView } from 'expo-camera'
import { Linking } from 'react-native'

import type { CodeScanner } from './platform.ts'

const HEIGHT = 280

/** The back camera of a phone. */
export const phoneScanner: CodeScanner = {
  allow: async () => (await Camera.requestCameraPermissionsAsync()).granted,
  View: ({ onRead }) => (
    <CameraView
      style={{ height: HEIGHT }}
      barcodeScannerSettings={{ barcodeTypes: ['qr'] }}
      onBarcodeScanned={({ data }) => onRead(data)}
    />
  ),
  openSystemSettings: () => Linking.openSettings(),
}
