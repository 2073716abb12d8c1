/** Which of the 16384 slots of a Redis Cluster holds a key (Redis Cluster specification, "Key distribution model"). */

const slots = 16_384;

/** By the CRC16 (XMODEM) of what is between the first `{` and the next `}`, or of the whole key if that is nothing. */
export function slotOf(key: string): number {
  const open = key.indexOf('{');
  const close = key.indexOf('}', open + 1);
  return crc16(Buffer.from(open >= 0 && close > open + 1 ? key.slice(open + 1, close) : key)) % slots;
}

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc;
}
