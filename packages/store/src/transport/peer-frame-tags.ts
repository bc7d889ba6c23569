/** Field 4 of `PeerFrame`. */
export const messagesTag = 0x22;
/** Fields 1 and 2 of `PeerMessages`. */
export const messageTag = 0x0a;
export const loopLagTag = 0x10;
