/** How long a lease outlives its component, milliseconds: longer than any remount by StrictMode or Fast Refresh. */
export const leaseGrace = 1_000;

/** Leases at once; the returned function gives the lease back {@link leaseGrace} later. */
export function leaseWithGrace(client: { lease(): () => void }): () => void {
  const release = client.lease();
  return () => {
    setTimeout(release, leaseGrace);
  };
}
