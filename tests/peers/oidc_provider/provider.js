// A provider that nobody here wrote, with one person and one client: node provider.js CONFIG.json
// CONFIG: {port, client_id, redirect_uri, jwks_uri?, client_secret?, claims, conform}
// Prints "listening" once it does. Its own pages ask for a name and for consent.
import { readFileSync } from 'node:fs';
import Provider from 'oidc-provider';

const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const issuer = `http://127.0.0.1:${config.port}`;
const client = {
  client_id: config.client_id,
  redirect_uris: [config.redirect_uri],
  grant_types: ['authorization_code'],
  response_types: ['code'],
  application_type: 'native', // this one may return to loopback by http
};
if (config.client_secret) {
  Object.assign(client, { client_secret: config.client_secret, token_endpoint_auth_method: 'client_secret_basic' });
} else {
  Object.assign(client, {
    jwks: config.jwks, token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'RS256',
  });
}
const provider = new Provider(issuer, {
  clients: [client],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  conformIdTokenClaims: config.conform,
  features: { devInteractions: { enabled: true } },
  pkce: { required: () => true },
  cookies: { keys: ['a key of this test alone'] },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...config.claims }) }),
});
provider.listen(config.port, '127.0.0.1', () => process.stdout.write('listening\n'));
