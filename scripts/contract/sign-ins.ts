/** The demo accounts of `supabase/seed.sql`. The seed test compares the two. */
const people = [
  { email: "ada@test-acme.example", name: "Ada", role: "owner", tenant: "Acme" },
  { email: "ben@test-acme.example", name: "Ben", role: "admin", tenant: "Acme" },
  { email: "cleo@test-acme.example", name: "Cleo", role: "user", tenant: "Acme" },
  { email: "dora@test-globex.example", name: "Dora", role: "owner", tenant: "Globex" },
  { email: "emil@test-globex.example", name: "Emil", role: "user", tenant: "Globex" },
  { email: "finn@test-initech.example", name: "Finn", role: "owner", tenant: "Initech" },
];

/** The second membership of one of them. */
const guest = { email: "ben@test-acme.example", name: "Ben", role: "user", tenant: "Globex" };

export const demoSignIns = {
  password: "demo-password",
  people,
  guest,
  emails: people.map(({ email }) => email),
};
