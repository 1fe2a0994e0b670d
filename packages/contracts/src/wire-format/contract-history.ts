/**
 * Every version of the wire format, oldest first, with the SHA-256 of its canonical form (RFC 8785). A released
 * line is never changed: a new format is a new version (SHP-11).
 */
export const CONTRACT_HISTORY: Readonly<Record<string, string>> = {
  '1.0.0': 'abdfb1508e27126eacd222b10b0c3b74b883551da745c7498e653d8bde7499a1',
  '1.1.0': '2e7a7ee6d4cbe75dddbe728860c8f55a549962dae8b7e084f5d1613c8f5cb7fd',
  '1.2.0': '406fd7a0c038c4902d4d1da163ab1401170008387a4472cabcd68309eedd014a',
  '1.3.0': '74067f18b77335e9fb876b8f03453bc21db86bdd89d95acba81921b96c0c5e1d',
  '1.4.0': '77f43665abc9896256527c8c009256fc9f7ae4b62a2c1ef4fd360424298a6e1d',
  '1.5.0': '64b95ff00e7c37503919537de44f112de79c487edcf868eae0594ad0cec8e212',
  '1.6.0': '17e9cb5fcff866ef6cc59177cec5e5467733cd3df740e62544980ec426d026c0',
  '1.7.0': '90bd581022708ceb9b3d295c61233330d84d3ab6a51ad7d3b26b75368885bfe4',
  '1.8.0': '013dbf4acafc99be8f353f90ec8434a24c3e82857cfae1c4288a2655c6380a85',
}
