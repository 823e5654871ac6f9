import type { BrowserContext, Locator, Page } from "playwright-core";
import {
  acceptInvitation,
  createConversation,
  createInvitation,
  createInvitationLink,
  createTenant,
  listInvitations,
  listMembers,
  listMyTenants,
  sendMessage,
  setMemberRole,
  type Tenant,
  tenantClient,
} from "supabase-ai-schema";
import { describe, expect, test } from "vitest";
import { uniqueName } from "../../scripts/contract/columns.ts";
import { createLogin, createMember, type Login } from "../support/actors.ts";
import { BROWSER } from "../support/browser.ts";
import { useChatInBrowser } from "../support/chat-browser.ts";
import {
  conversations,
  entryOf,
  messagesBy,
  openMembers,
  signInWith,
  switcher,
  type Visit,
  write,
} from "../support/chat-page.ts";
import { serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

describe.runIf(BROWSER)("people, in a browser", { timeout: 60_000 }, () => {
  const { createProfile, openChat } = useChatInBrowser(BROWSER);

  /** Creates an organisation of a person, with a name of its own. */
  const createOrganisation = (owner: Login): Promise<Tenant> =>
    createTenant(owner.client, { name: uniqueName("org") });

  async function createOwner() {
    const owner = await createLogin();
    return { owner, tenant: await createOrganisation(owner) };
  }

  /** Opens the chat and signs in. */
  async function open({ email }: Login, options: { profile?: BrowserContext; path?: string } = {}) {
    const opened = await openChat(options);
    await signInWith(opened.page, email);
    return opened;
  }

  async function openMembersAs(person: Login, profile?: BrowserContext): Promise<Visit> {
    const opened = await open(person, { ...(profile && { profile }) });
    await openMembers(opened.page);
    await entryOf(opened.page, person.email).waitFor();
    return opened;
  }

  const chosen = (page: Page) => switcher(page).locator("option:checked").textContent();
  const joinLink = (page: Page) => page.getByRole("textbox", { name: "Join link" });
  /** Returns the link without its origin. */
  const pathOf = async (link: Locator) =>
    (await link.inputValue()).slice(new URL(await link.inputValue()).origin.length);
  const log = (page: Page) =>
    page.getByRole("list", { name: "Audit log" }).locator(".sentence").allTextContents();

  async function inviteByEmail(page: Page, email: string) {
    const form = page.getByRole("form", { name: "Invite by email" });
    await form.getByLabel("Email").fill(email);
    await form.getByRole("button", { name: "Invite" }).click();
  }

  async function confirm(page: Page, label: string) {
    await page.getByRole("dialog").getByRole("button", { name: label }).click();
  }

  const membersOf = async (person: Login) =>
    (await listMembers(person.client)).map(({ email, role }) => [email, role]);

  test("a person who switches the organisation sees nothing of the first", async () => {
    const { owner, tenant: first } = await createOwner();
    const second = await createOrganisation(owner);
    const words = {
      title: uniqueName("first-title"),
      message: uniqueName("first-message"),
      colleague: uniqueName("first-colleague"),
      invited: `${uniqueName("first-invited")}@test.example`,
    };
    const { id } = await createConversation(owner.client, { title: words.title });
    await sendMessage(owner.client, id, { content: words.message });
    await createInvitation(owner.client, { email: words.invited });
    const colleague = await createMember(first, { name: words.colleague });
    await createRow("usage_metrics", colleague, {
      date: new Date().toISOString().slice(0, 10),
      prompt_tokens: 70_000,
      completion_tokens: 7_700,
      total_tokens: 77_700,
    });
    const inSecond = tenantClient(owner.client, second.id);
    await createConversation(inSecond, { title: "Second title" });

    const { page } = await open(owner);
    await conversations(page).filter({ hasText: words.title }).click();
    await messagesBy(page, "User").filter({ hasText: words.message }).waitFor();
    await page.locator(".totals").getByText("77.7K").waitFor();
    await openMembers(page);
    await entryOf(page, words.colleague).waitFor();
    await entryOf(page, words.invited).waitFor();
    const leaks = async () => {
      const content = await page.content();
      return [...Object.values(words), "77.7K", id].filter((text) => content.includes(text));
    };
    expect(await leaks()).toEqual([...Object.values(words), "77.7K", id]);

    await switcher(page).selectOption(`${second.name} (owner)`);
    await page.getByText("returned null (0 rows)").waitFor();
    await conversations(page).filter({ hasText: "Second title" }).waitFor();
    expect(await page.locator(".findings").textContent()).toContain(
      `${owner.email} of ${first.name} saw 1 message in it.`,
    );
    await openMembers(page);
    await entryOf(page, owner.email).waitFor();
    await page.getByText("You created the organisation.").waitFor();
    // The isolation panel shows the id of the conversation that it requests.
    expect(await leaks()).toEqual([id]);
    expect(await conversations(page).count()).toBe(1);
    expect(await page.title()).toBe(`${second.name} chat`);
    expect(await listMyTenants(owner.client)).toMatchObject([
      { id: first.id, is_default: false },
      { id: second.id, is_default: true },
    ]);
  });

  test("two tabs stay in two organisations, and a new tab starts in the last choice", async () => {
    const { owner, tenant: first } = await createOwner();
    const second = await createOrganisation(owner);
    const { page } = await open(owner);
    await switcher(page).waitFor();
    const other = (await openChat()).page;
    await switcher(other).selectOption(`${second.name} (owner)`);
    await expect.poll(() => other.title()).toBe(`${second.name} chat`);

    const title = uniqueName("from-first-tab");
    await write(page, title);
    await messagesBy(page, "Assistant").waitFor();
    await page.reload();
    await conversations(page).filter({ hasText: title }).waitFor();
    expect(await chosen(page)).toBe(`${first.name} (owner)`);
    const stored = must(await serviceClient().from("conversations").select().eq("title", title));
    expect(stored).toMatchObject([{ tenant_id: first.id }]);

    await other.reload();
    await page.getByRole("img", { name: "1 day with usage" }).waitFor();
    await other.getByRole("img", { name: "No usage this month." }).waitFor();
    expect(await chosen(other)).toBe(`${second.name} (owner)`);
    expect(await conversations(other).count()).toBe(0);
    const third = (await openChat()).page;
    await switcher(third).waitFor();
    expect(await chosen(third)).toBe(`${second.name} (owner)`);
  });

  test("a person without organisation creates one, then another, as their owner", async () => {
    const person = await createLogin();
    const [first, second] = [uniqueName("first"), uniqueName("second")];
    const { page } = await open(person);
    await page.getByRole("heading", { name: "You are in no organisation" }).waitFor();
    await page.getByLabel("Name of the organisation").fill(first);
    await page.getByRole("button", { name: "Create" }).click();
    await switcher(page).waitFor();
    expect(await chosen(page)).toBe(`${first} (owner)`);

    const add = page.getByRole("button", { name: "New organisation" });
    await add.click();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await listMyTenants(person.client)).toHaveLength(1);
    await add.click();
    await page.getByLabel("Name of the organisation").fill(second);
    await page.keyboard.press("Enter");
    await expect.poll(() => page.title()).toBe(`${second} chat`);
    expect(await chosen(page)).toBe(`${second} (owner)`);
    expect(await listMyTenants(person.client)).toMatchObject([
      { name: first, role: "owner", is_default: false },
      { name: second, role: "owner", is_default: true },
    ]);
  });

  test("an invited person signs in, accepts, is promoted, and the audit log shows it", async () => {
    const { owner, tenant } = await createOwner();
    const guest = await createLogin();
    const { page } = await openMembersAs(owner);
    await inviteByEmail(page, guest.email);
    const path = await pathOf(joinLink(page));
    expect(path).toMatch(/^\/#join=\w{60,}$/);
    await entryOf(page, guest.email).waitFor();

    const profile = await createProfile();
    const urls: string[] = [];
    profile.on("request", (request) => urls.push(request.url()));
    const { page: theirs } = await openChat({ profile, path });
    await theirs.getByText("You have opened the link of an invitation.").waitFor();
    await signInWith(theirs, guest.email);
    await theirs.getByRole("heading", { name: `Join ${tenant.name}?` }).waitFor();
    await theirs.getByText(`${owner.email} has invited you (${guest.email}) as user.`).waitFor();
    await theirs.getByRole("button", { name: "Accept" }).click();
    await switcher(theirs).waitFor();
    expect(await chosen(theirs)).toBe(`${tenant.name} (user)`);
    expect(new URL(theirs.url()).hash).toBe("");
    expect(urls.filter((url) => url.includes(path.slice("/#join=".length)))).toEqual([]);

    await page.reload();
    await page.getByText("No pending invitations.").waitFor();
    expect(await joinLink(page).count()).toBe(0);
    const role = page.getByRole("combobox", { name: `Role of ${guest.email}` });
    await role.selectOption("admin");
    await entryOf(page, guest.email).getByText("admin").first().waitFor();
    const promoted = `You changed the role of ${guest.email} from user to admin.`;
    await page.getByText(promoted).waitFor();
    expect(await log(page)).toEqual([
      promoted,
      `${guest.email} accepted the invitation for ${guest.email}.`,
      `${guest.email} joined as user.`,
      `You invited ${guest.email} as user.`,
      "You joined as owner.",
      "You created the organisation.",
    ]);
    expect(await membersOf(owner)).toEqual([
      [owner.email, "owner"],
      [guest.email, "admin"],
    ]);
  });

  test("a person creates an account with the link of an invitation, and joins", async () => {
    const { owner, tenant } = await createOwner();
    const profile = await createProfile();
    await profile.grantPermissions(["clipboard-read", "clipboard-write"]);
    const { page } = await openMembersAs(owner, profile);
    const form = page.getByRole("form", { name: "Invite by link" });
    await form.getByLabel("People who can use the link").fill("2");
    await form.getByLabel("Role").selectOption("admin");
    await form.getByRole("button", { name: "Create link" }).click();
    await entryOf(page, "Link for 2 more admins").waitFor();
    const path = await pathOf(joinLink(page));
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByText("The link is copied.").waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(path);

    const email = `${uniqueName("new")}@test.example`;
    const { page: theirs } = await openChat({ profile: await createProfile(), path });
    await theirs.getByLabel("Email").fill(email);
    await theirs.getByLabel("Password").fill("a long password");
    await theirs.getByRole("button", { name: "Create account" }).click();
    await theirs.getByRole("button", { name: "Accept" }).click();
    await switcher(theirs).waitFor();
    expect(await chosen(theirs)).toBe(`${tenant.name} (admin)`);
    await page.reload();
    await entryOf(page, "Link for 1 more admin").waitFor();
    await entryOf(page, email).waitFor();
  });

  test("a signed-in person declines an invitation, and stays where they are", async () => {
    const { owner } = await createOwner();
    const { owner: guest, tenant: home } = await createOwner();
    const { token } = await createInvitation(owner.client, { email: guest.email });
    const { page } = await open(guest);
    await switcher(page).waitFor();
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `join=${token}`);
    await page.getByRole("button", { name: "Decline" }).click();
    await switcher(page).waitFor();
    expect(await chosen(page)).toBe(`${home.name} (owner)`);
    expect(await membersOf(owner)).toEqual([[owner.email, "owner"]]);
    expect((await listInvitations(owner.client, { pending: true })).invitations).toEqual([]);
    const profile = await createProfile();
    const { page: theirs } = await openMembersAs(owner, profile);
    await theirs.getByText(`${guest.email} declined the invitation`).waitFor();
  });

  test("a person with another address cannot accept, and signs in as the invited one", async () => {
    const { owner, tenant } = await createOwner();
    const [guest, stranger] = [await createLogin(), await createLogin()];
    const { token } = await createInvitation(owner.client, { email: guest.email });
    const { page, heard } = await open(stranger, { path: `/#join=${token}` });
    await page.getByText("The invitation is for another email address.").waitFor();
    expect(await page.getByRole("button", { name: "Accept" }).count()).toBe(0);
    await page.getByRole("button", { name: "Switch account" }).click();
    await signInWith(page, guest.email);
    await page.getByRole("button", { name: "Accept" }).click();
    await switcher(page).waitFor();
    expect(await chosen(page)).toBe(`${tenant.name} (user)`);
    // The browser itself logs this message.
    expect(heard.splice(0)).toEqual([expect.stringContaining("status of 403")]);
  });

  test("an admin resends an invitation, so that the old link is dead, and revokes it", async () => {
    const { owner, tenant } = await createOwner();
    const guest = await createLogin();
    const { page } = await openMembersAs(owner);
    await inviteByEmail(page, guest.email);
    const old = await pathOf(joinLink(page));
    await entryOf(page, guest.email).getByRole("button", { name: "Resend" }).click();
    await expect.poll(() => pathOf(joinLink(page))).not.toBe(old);
    const path = await pathOf(joinLink(page));
    await page.getByText(`You sent the invitation for ${guest.email} again.`).waitFor();

    const profile = await createProfile();
    const { page: theirs, heard } = await open(guest, { profile, path: old });
    await theirs.getByText("Invitation not found.").waitFor();
    const again = await openChat({ profile, path });
    await again.page.getByRole("heading", { name: `Join ${tenant.name}?` }).waitFor();

    await entryOf(page, guest.email).getByRole("button", { name: "Revoke" }).click();
    await entryOf(page, guest.email).waitFor({ state: "detached" });
    expect(await joinLink(page).count()).toBe(0);
    await again.page.getByRole("button", { name: "Accept" }).click();
    await again.page.getByText("You cannot accept this invitation").waitFor();
    expect(await membersOf(owner)).toEqual([[owner.email, "owner"]]);
    const failed = [...heard.splice(0), ...again.heard.splice(0)];
    expect(new Set(failed)).toEqual(new Set([expect.stringContaining("Failed to load resource")]));
  });

  test("a second invitation of an address is refused with a message", async () => {
    const { owner } = await createOwner();
    const email = `${uniqueName("guest")}@test.example`;
    const { page, heard } = await openMembersAs(owner);
    await inviteByEmail(page, email);
    await entryOf(page, email).waitFor();
    const path = await pathOf(joinLink(page));
    await inviteByEmail(page, email);
    const toast = page.getByRole("alert");
    await toast.getByText("The address has a pending invitation already.").waitFor();
    expect(await entryOf(page, email).count()).toBe(1);
    expect(await pathOf(joinLink(page))).toBe(path);
    expect((await listInvitations(owner.client)).invitations).toHaveLength(1);
    expect(heard.splice(0)).toEqual([expect.stringContaining("status of 409")]);
  });

  test("an admin who has lost the role is refused, and loses the controls", async () => {
    const { owner, tenant } = await createOwner();
    const admin = await createMember(tenant, { role: "admin" });
    const member = await createMember(tenant);
    const { page, heard } = await openMembersAs(admin);
    const remove = entryOf(page, member.email).getByRole("button", { name: "Remove" });
    await remove.click();
    await setMemberRole(owner.client, admin.id, "user");
    await confirm(page, "Remove");
    await page.getByText("Only an owner or admin of an active tenant can do this.").waitFor();
    await entryOf(page, admin.email).getByText("user · you").waitFor();
    await remove.waitFor({ state: "detached" });
    expect(await page.getByRole("heading", { name: "Audit log" }).count()).toBe(0);
    expect(await chosen(page)).toBe(`${tenant.name} (user)`);
    expect(await membersOf(owner)).toContainEqual([member.email, "user"]);
    expect(heard.splice(0)).toEqual([expect.stringContaining("status of 403")]);
  });

  test("the last owner cannot leave, and can after handing over the ownership", async () => {
    const { owner, tenant } = await createOwner();
    const heir = await createMember(tenant);
    const { page, heard } = await openMembersAs(owner);
    const mine = entryOf(page, owner.email);
    await mine.getByRole("button", { name: "Leave" }).click();
    await confirm(page, "Leave");
    await page.getByRole("alert").getByText("would have no owner who can sign in").waitFor();
    expect(await mine.getByText("owner · you").isVisible()).toBe(true);
    const before = [
      [owner.email, "owner"],
      [heir.email, "user"],
    ];
    expect(await membersOf(owner)).toEqual(before);
    expect(heard.splice(0)).toEqual([expect.stringContaining("Failed to load resource")]);

    await entryOf(page, heir.email).getByRole("button", { name: "Transfer ownership" }).click();
    await confirm(page, "Transfer ownership");
    await mine.getByText("admin · you").waitFor();
    expect(await chosen(page)).toBe(`${tenant.name} (admin)`);
    await mine.getByRole("button", { name: "Leave" }).click();
    await confirm(page, "Leave");
    await page.getByRole("heading", { name: "You are in no organisation" }).waitFor();
    expect(await membersOf(heir)).toEqual([[heir.email, "owner"]]);
  });

  test("an owner deactivates, activates and removes a member by keyboard", async () => {
    const { owner, tenant } = await createOwner();
    const member = await createMember(tenant);
    const { page } = await openMembersAs(owner);
    const row = entryOf(page, member.email);
    const remove = row.getByRole("button", { name: "Remove" });
    await remove.focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await remove.evaluate((button) => button === document.activeElement)).toBe(true);

    await row.getByRole("button", { name: "Deactivate" }).focus();
    await page.keyboard.press("Enter");
    await row.getByText("deactivated").waitFor();
    expect(await listMyTenants(member.client)).toEqual([]);
    // The focus stays on the button, which now has another label.
    await page.keyboard.press("Enter");
    await row.getByText("deactivated").waitFor({ state: "detached" });
    expect(await listMyTenants(member.client)).toHaveLength(1);

    await remove.focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await row.waitFor({ state: "detached" });
    await page.getByText(`You removed ${member.email}.`).waitFor();
    expect((await log(page)).slice(0, 3)).toEqual([
      `You removed ${member.email}.`,
      `You activated ${member.email}.`,
      `You deactivated ${member.email}.`,
    ]);
    expect(await membersOf(owner)).toEqual([[owner.email, "owner"]]);
  });

  const ALL = ["Deactivate", "Transfer ownership", "Remove"];
  const controls: [
    role: "owner" | "admin" | "user",
    onOwner: string[],
    onUser: string[],
    roles: string[],
    headings: string[],
  ][] = [
    ["owner", ALL, ALL, ["owner", "admin", "user"], ["Members", "Invitations", "Audit log"]],
    [
      "admin",
      [],
      ["Deactivate", "Remove"],
      ["admin", "user"],
      ["Members", "Invitations", "Audit log"],
    ],
    ["user", [], [], [], ["Members"]],
  ];
  test.each(controls)(
    "a member with the role %s sees only the controls that they may use",
    async (role, onOwner, onUser, roles, headings) => {
      const { owner, tenant } = await createOwner();
      const caller = await createMember(tenant, { role });
      const member = await createMember(tenant);
      const { page } = await openMembersAs(caller);
      const buttons = (email: string) => entryOf(page, email).getByRole("button").allTextContents();
      expect(await buttons(caller.email)).toEqual(["Leave"]);
      expect(await buttons(owner.email)).toEqual(onOwner);
      expect(await buttons(member.email)).toEqual(onUser);
      expect(await entryOf(page, member.email).locator("option").allTextContents()).toEqual(roles);
      expect(
        await page.getByRole("main").getByRole("heading", { level: 2 }).allTextContents(),
      ).toEqual(headings);
    },
  );

  test("the audit log loads page by page, the newest first", async () => {
    const { owner, tenant } = await createOwner();
    for (const temperature of Array.from({ length: 21 }, (_, i) => i / 20)) {
      const tenants = owner.client.from("tenants");
      must(await tenants.update({ temperature }).eq("id", tenant.id).select());
    }
    const { token } = await createInvitationLink(owner.client);
    const guest = await createLogin();
    await acceptInvitation(guest.client, token);
    const { page } = await openMembersAs(owner);
    await page.getByText(`${guest.email} accepted an invitation link.`).waitFor();
    expect(await log(page)).toHaveLength(10);
    const older = page.getByRole("button", { name: "Older entries" });
    await older.click();
    await expect.poll(() => log(page)).toHaveLength(20);
    await older.click();
    await page.getByText("You created the organisation.").waitFor();
    expect(await older.count()).toBe(0);
    const changed = "You changed the temperature of the organisation.";
    expect(await log(page)).toEqual([
      `${guest.email} accepted an invitation link.`,
      `${guest.email} joined as user.`,
      "You made an invitation link for 1 user.",
      ...Array.from({ length: 21 }, () => changed),
      "You joined as owner.",
      "You created the organisation.",
    ]);
  });

  test("a person on a phone manages members without scrolling sideways", async () => {
    const { owner, tenant } = await createOwner();
    const member = await createMember(tenant);
    const phone = await createProfile({ viewport: { width: 390, height: 844 } });
    const { page } = await openMembersAs(owner, phone);
    await inviteByEmail(page, `${uniqueName("a-guest-with-a-long-address")}@test.example`);
    await joinLink(page).waitFor();
    const row = entryOf(page, member.email);
    const edges = await row.locator("button, select").evaluateAll((controls) =>
      controls.flatMap((control) => {
        const { left, right } = control.getBoundingClientRect();
        return [left, right];
      }),
    );
    expect(edges).toHaveLength(8);
    expect([Math.min(...edges) >= 0, Math.max(...edges) <= 390]).toEqual([true, true]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(await conversations(page).count()).toBe(0);
  });
});
