// The page works without this script. With it, what changes shows at once, and files can be dropped.
"use strict";

// Parts with data-live are replaced by their newest state, unless a person is busy in them.
let looking = false, again = false;
async function look() {
	if (looking) { again = true; return; }
	looking = true;
	try {
		const answer = await fetch(location.href, { headers: { "Obmen-Live": "1" }, credentials: "same-origin" });
		if (answer.redirected && new URL(answer.url).pathname === "/login") { location.reload(); return; }
		if (answer.ok) {
			const now = new DOMParser().parseFromString(await answer.text(), "text/html");
			for (const part of document.querySelectorAll("[data-live]")) {
				const newest = now.getElementById(part.id);
				const busy = part.contains(document.activeElement) || part.querySelector("details[open], :checked");
				if (newest && !busy && newest.innerHTML !== part.innerHTML) part.replaceWith(document.adoptNode(newest));
			}
		}
	} catch { /* the next event tries again */ }
	looking = false;
	if (again) { again = false; look(); }
}
if (document.querySelector("[data-live]")) {
	const events = new EventSource("/live");
	events.addEventListener("change", look);
	addEventListener("pagehide", () => events.close());
}

// Files are sent as soon as they are dropped or chosen, with their progress.
for (const area of document.querySelectorAll("form[data-drop]")) {
	const input = area.querySelector("input[type=file]"), button = area.querySelector("button"), bar = area.querySelector("progress");
	const send = (files) => {
		if (!files.length) return;
		const form = new FormData(area);
		form.delete(input.name);
		for (const file of files) form.append(input.name, file);
		const request = new XMLHttpRequest();
		request.open("POST", area.action);
		request.upload.addEventListener("progress", (e) => { if (e.lengthComputable) bar.value = e.loaded / e.total; });
		request.addEventListener("loadend", () => { location.href = area.dataset.drop; location.reload(); });
		area.classList.add("busy");
		bar.hidden = false;
		request.send(form);
	};
	button.hidden = true;
	input.addEventListener("change", () => send(input.files));
	for (const name of ["dragenter", "dragover"]) area.addEventListener(name, (e) => { e.preventDefault(); area.classList.add("over"); });
	for (const name of ["dragleave", "drop"]) area.addEventListener(name, () => area.classList.remove("over"));
	area.addEventListener("drop", (e) => { e.preventDefault(); send(e.dataTransfer.files); });
}

// A form with data-find shows what it finds while one types.
for (const form of document.querySelectorAll("form[data-find]")) {
	const shown = document.getElementById(form.dataset.find);
	let asked = 0;
	form.querySelector("input[type=search]").addEventListener("input", async () => {
		const turn = ++asked;
		const answer = await fetch(form.action + "/found?" + new URLSearchParams(new FormData(form)), { credentials: "same-origin" });
		if (!answer.ok) return;
		const now = new DOMParser().parseFromString(await answer.text(), "text/html");
		if (turn === asked) shown.replaceChildren(...now.body.childNodes);
	});
}

// A part with data-return waits until the program has started once more, and goes there.
for (const part of document.querySelectorAll("[data-return]")) {
	const again = setInterval(async () => {
		try {
			const answer = await fetch(part.dataset.return, { credentials: "same-origin" });
			if (!answer.ok || answer.headers.get("Obmen-Started") === part.dataset.started) return;
			clearInterval(again);
			location.href = part.dataset.return;
		} catch { /* it is not there yet */ }
	}, 500);
}

// On a phone the menu is wider than the screen: where one is comes into sight.
for (const here of document.querySelectorAll("nav [aria-current]")) {
	const menu = here.closest("nav");
	menu.scrollLeft = here.offsetLeft - menu.offsetLeft - 16;
}

// A form with data-ask asks before it is sent; one is sent once.
document.addEventListener("submit", (e) => {
	const ask = e.submitter?.dataset.ask ?? e.target.dataset.ask;
	if (ask && !confirm(ask)) { e.preventDefault(); return; }
	setTimeout(() => { for (const b of e.target.querySelectorAll("button")) b.disabled = true; });
});
addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });

// A box with data-all ticks all others of its form.
document.addEventListener("change", (e) => {
	if (!e.target.matches("input[data-all]")) return;
	for (const box of e.target.form.querySelectorAll("input[type=checkbox][name=" + e.target.dataset.all + "]")) box.checked = e.target.checked;
});

for (const b of document.querySelectorAll("button[data-print]")) { b.hidden = false; b.addEventListener("click", () => print()); }
