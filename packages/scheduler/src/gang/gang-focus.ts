/** The domain that the gang being placed at this moment is confined to; -1 when there is none. */
export interface GangFocus {
  domain: number;
}
