/** The OpenID providers of this deployment, as ways in. */

import { useEffect, useState } from "react";

import { readBare } from "../api/http";

interface Provider {
  id: string;
  name: string;
}

export function Providers() {
  const [providers, setProviders] = useState<Provider[]>([]);
  useEffect(() => {
    const asked = readBare(window.fetch.bind(window), "/auth/oidc") as Promise<{ items: Provider[] }>;
    // Without an answer there is still the password.
    asked.then(
      ({ items }) => {
        setProviders(items);
      },
      () => {},
    );
  }, []);
  return providers.map(({ id, name }) => (
    <a key={id} className="button" href={`/api/v1/auth/oidc/${encodeURIComponent(id)}/start`}>
      Sign in with {name}
    </a>
  ));
}
