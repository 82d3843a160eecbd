/**
 * A certificate for 127.0.0.1 that signs itself, used by both ends of a test; it protects nothing.
 *
 * Made with `openssl ca -selfsign` and an EC key on P-256, valid from 2020 to 2120, subject `CN=device-7`.
 */
export const certificate: string = `
-----BEGIN CERTIFICATE-----
MIIBWjCCAQCgAwIBAgIBATAKBggqhkjOPQQDAjATMREwDwYDVQQDDAhkZXZpY2Ut
NzAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowEzERMA8GA1UEAwwI
ZGV2aWNlLTcwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQtDTOSZoO9R0hwVAie
E24AVchAceUYlcw6+kvtPMDgfxMsMzCgy+KjXja6pgccdmoGzHiY2xtK/J6az0xL
rIYEo0MwQTAPBgNVHREECDAGhwR/AAABMA8GA1UdEwEB/wQFMAMBAf8wHQYDVR0O
BBYEFKWPJbaBJKTFisi47QQF0UEzIVnTMAoGCCqGSM49BAMCA0gAMEUCIBSe+Syr
Co9V5fn5hZqK1vqjKHqDM74NN/dK6HJBZeqiAiEAq041R9eBiQKOeVL+I1kDhYID
82Olw8qjTlsE32qO3Hs=
-----END CERTIFICATE-----
`;

/** The key of {@link certificate}. */
export const certificateKey: string = `
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRWYtF6lAjeVwfHhC
oL4Y3Cl5rjThu1KwESOaLiqsGCyhRANCAAQtDTOSZoO9R0hwVAieE24AVchAceUY
lcw6+kvtPMDgfxMsMzCgy+KjXja6pgccdmoGzHiY2xtK/J6az0xLrIYE
-----END PRIVATE KEY-----
`;
