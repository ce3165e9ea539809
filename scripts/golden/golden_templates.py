"""What Transformers renders with templates that between them use the parts of Jinja that chat templates use."""

import json
from datetime import datetime
from pathlib import Path

from transformers.utils import chat_template_utils


class FixedDate:
    """Stands in for datetime: the date that Hone tells templates."""

    @staticmethod
    def now() -> datetime:
        return datetime(2024, 7, 26)


LINES = r'''
{{ "" != false }}|{{ "" == false }}|{{ none == false }}|{{ 0 == false }}|{{ 1 == true }}|{{ "1" == 1 }}
{{ "\n  x".lstrip("\n") }}|{{ "xxaxx".strip("x") }}|{{ "ab. ".rstrip(" .") }}|{{ "  q ".strip() }}
{{ none }}|{{ true }}|{{ false }}|{{ 1.0 }}|{{ 1/2 }}|{{ 3//2 }}|{{ -3 // 2 }}|{{ -3 % 5 }}|{{ 2**3 }}|{{ 2**-1 }}
{{ messages[0] }}|{{ messages }}
{{ undefined_thing }}|{{ undefined_thing ~ "x" }}|{{ undefined_thing is defined }}|{{ undefined_thing | length }}|{{ "a" in undefined_thing }}
{{ undefined_thing.foo }}
{{ messages[0].nothing }}|{{ messages[0]["nothing"] is none }}|{{ messages[0].get("nothing") is none }}
{{ undefined_thing + "x" }}
{{ "a" + 1 }}
{{ "a" ~ 1 ~ none ~ true }}
{% for m in messages %}{% if loop.first %}{% set s = m.content %}{% endif %}[{{ s }}]{% endfor %}
{% set s = "out" %}{% for m in messages %}{% set s = m.role %}{{ s }}{% endfor %}{{ s }}
{% set ns = namespace(n=0, f=false) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% if m.role == "user" %}{% set ns.f = true %}{% endif %}{% endfor %}{{ ns.n }}{{ ns.f }}
{% for i in range(10) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}{% endif %}{{ i }}{% endfor %}
{% for m in messages if m.role != "system" %}{{ loop.index }}/{{ loop.length }}{{ m.role }}{% else %}none{% endfor %}
{% for m in [] %}x{% else %}empty{% endfor %}
{% for k, v in messages[0].items() %}{{ k }}={{ v }};{% endfor %}
{% for k, v in {"b":1,"a":2}|dictsort %}{{ k }}={{ v }};{% endfor %}
{% for a, b in [(1,2),[3,4]] %}{{ a }}{{ b }}{% endfor %}
{% for c in "héé😀" %}{{ c }},{% endfor %}{{ "héé😀"|length }}{{ "😀x"[0] }}{{ "😀x"[1:] }}
{{ messages | length }}{{ messages[-1].role }}{{ messages[1:] | length }}{{ messages[::-1][0].content }}
{{ messages | map(attribute="role") | join(",") }}|{{ messages | selectattr("role","equalto","user") | list | length }}|{{ messages | rejectattr("role","eq","user") | map(attribute="content") | list }}
{{ ["b","A","c"] | sort }}|{{ ["b","A","c"] | sort(case_sensitive=true) }}|{{ [3,1,2] | sort(reverse=true) | first }}|{{ [1,2,2] | unique | list }}|{{ [1,2]|sum }}|{{ [1,5]|max }}
{{ {"a":1.0,"é":"<x>&'"} | tojson }}|{{ {"b":1,"a":[1,{}]} | tojson(indent=2) }}|{{ {"b":1,"a":[]} | tojson(sort_keys=true, separators=(",",":")) }}|{{ "é" | tojson(ensure_ascii=true) }}
{{ "hELLO wORLD it's" | title }}|{{ "hELLO" | capitalize }}|{{ "x y" | upper }}|{{ " a " | trim }}|{{ "xax"|trim("x") }}|{{ "a\nb\n\nc" | indent(2) }}|{{ "a\nb" | indent(2, true) }}
{{ "a,b,,c".split(",") }}|{{ " a  b ".split() }}|{{ "a,b,c".split(",", 1) }}|{{ "a,b,c".rsplit(",",1) }}|{{ "a\r\nb\nc".splitlines() }}|{{ "a-b".partition("-") }}
{{ "abc".startswith("a") }}|{{ "abc".startswith(("x","a")) }}|{{ "abc".endswith("d") }}|{{ "abcabc".replace("b","X") }}|{{ "abcabc".replace("b","X",1) }}|{{ "abc".find("c") }}|{{ "aXbX".count("X") }}|{{ ",".join(["a","b"]) }}
{{ "12" | int + 1 }}|{{ "x" | int }}|{{ "3.7" | float }}|{{ 3.7 | int }}|{{ 2.5 | round }}|{{ 3.14159 | round(2) }}|{{ -3 | abs }}
{{ x | default("d") }}|{{ "" | default("d") }}|{{ "" | default("d", true) }}|{{ none | default("d") }}
{% macro f(a, b="B") %}{{ a }}-{{ b }}{% endmacro %}{{ f("x") }}{{ f("x", "y") }}{{ f(b="q", a="p") }}
{% macro f(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 2, 3, z=4) }}
{% macro w() %}<{{ caller() }}>{% endmacro %}{% call w() %}inner{% endcall %}
{% set x %}block {{ 1 + 1 }}{% endset %}{{ x }}
{% filter upper %}abc{% endfilter %}
{% generation %}gen{% endgeneration %}
{%- for m in messages -%}  {{ m.content }}  {%- endfor -%}
{# comment #}a{#- c -#} b
{{ "a" if true }}|{{ "a" if false }}|{{ "a" if false else "b" }}|{{ not true }}|{{ not [] }}
{{ 1 < 2 and 2 < 3 or false }}|{{ "" or "x" }}|{{ "a" and "b" }}|{{ none or false }}
{{ "a" is string }}|{{ 1 is number }}|{{ true is number }}|{{ 1.5 is float }}|{{ {} is mapping }}|{{ [] is sequence }}|{{ {} is iterable }}|{{ "x" is iterable }}|{{ none is none }}|{{ 3 is odd }}|{{ 4 is even }}|{{ true is boolean }}|{{ 1 is boolean }}|{{ 1 is integer }}
{{ raise_exception("no " ~ "way") }}
{{ strftime_now("%d %b %Y") }}|{{ strftime_now("%Y-%m-%d %A %B %j %H:%M") }}
{{ messages[0].content.upper() }}|{{ messages[0]["role"].title() }}
{{ range(3) | list }}|{{ range(2,8,3) | list }}|{{ dict(a=1) }}
{{ loop }}x
{{ "%s" }}|{{ "a\tb\\n" }}|{{ 'it''s' }}
{{ [1,2] + [3] }}|{{ "ab" * 2 }}|{{ 1 in [1] }}|{{ 2 not in [1] }}|{{ "b" in "abc" }}|{{ "role" in messages[0] }}
{{ messages.append(1) }}
{{ messages[0].update({"a":1}) }}
{{ nofunc() }}
{{ "x" | nofilter }}
{{ "x" is notest }}
{{ 'a' < 'b' }}|{{ [1,2] < [1,3] }}|{{ (1,2) == (1,2) }}|{{ [1] == [1.0] }}|{{ 1 == 1.0 }}
{{ 1 < "a" }}
{{ none + 1 }}
{{ "it's" | list }}|{{ ["it's", 'q"q', "a\nb", "é\u200b"] }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}
{% for m in messages %}{{ loop.cycle("a","b") }}{{ loop.previtem.role if loop.previtem is defined }}{{ loop.nextitem.role if not loop.last }};{% endfor %}
{% if messages[0]['role'] == 'system' %}{% set system_message = messages[0]['content'] %}{% set loop_messages = messages[1:] %}{% else %}{% set loop_messages = messages %}{% endif %}{% if system_message != false %}[{{ system_message }}]{% endif %}{% for m in loop_messages %}{{ m.role }}{% endfor %}
{% if (messages[0]['role'] == 'user') != (0 % 2 == 0) %}a{% else %}b{% endif %}
{{ messages | tojson }}|{{ messages | string }}
{{ bos_token }}|{{ eos_token }}|{{ tools }}|{{ documents is none }}|{{ add_generation_prompt }}
{{ "\u00a0 x \ufeff".strip() | length }}|{{ " x\x1f".strip() }}
{% for i in range(2) %}{% for j in range(2) %}{{ loop.index }}{% if j == 0 %}{% continue %}{% endif %}y{% endfor %}{% endfor %}
{{ messages | selectattr("content") | list | length }}|{{ messages | groupby("role") }}
{{ [[1,2],[3]] | map("first") | list }}|{{ ["a","b"] | map("upper") | join }}|{{ [1,2,3,4] | select("odd") | list }}|{{ [0,1,"",none] | reject("none") | list }}
{{ "abc"[::-1] }}|{{ [1,2,3][-2:] }}|{{ "abc"[5:] }}|{{ "abc"[1] }}|{{ "abc"[7] }}
{{ {"a": {"b": 2}}.a.b }}|{{ {"items": 3}["items"] }}
{{ "a b" | replace(" ", "_") }}|{{ "<a>" | e }}|{{ 5 | string | length }}
{{ [1, 2, 3] | batch(2) | list }}|{{ "a b c" | wordcount }}|{{ [3,4] | last }}|{{ [] | first }}
'''.strip("\n").split("\n")
BLOCKS = [
    "  {% if true %}\n  yes\n  {% endif %}\nend\n",
    "a\r\n{% if true %}\r\nb\r\n{% endif %}\r\nc\r\n",
    "{{ 'x' }}\n\n{{- 'y' }}\n",
    "{%- if true %}\n\n x {% endif -%}\n  z",
    "\n\nlead{% set a = 1 %}\n{{ a }}\n",
    "{%- generation -%}\n x \n{%- endgeneration %}\nq",
    "{% for m in messages %}\n{{ m.content }}\n{% endfor %}\n",
    "text\twith  {# c #}\n  {#- d #} tail",
]
CHATS = [
    [{"role": "user", "content": "Hi there"}],
    [{"role": "system", "content": ""}, {"role": "user", "content": "x"}],
    [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "  Tom has 3. "},
        {"role": "assistant", "content": "3 'q' \"z\"\n"},
        {"role": "user", "content": "And {{ 1 + 1 }}? \U0001f600\u00e9\r\n"},
    ],
]


def rendered(template: str, messages: list) -> str | None:
    """The text, or None where the template refuses the messages."""
    try:
        texts, _ = chat_template_utils.render_jinja_template(
            [messages], chat_template=template, add_generation_prompt=True, bos_token="<s>", eos_token="</s>"
        )
        return texts[0]
    except Exception:  # Jinja's own errors, and Python's TypeError and others from inside a template
        return None


def make_templates(folder: Path) -> None:
    """Writes templates.json: the conversations, and a row for each template with a text, or null, for each of them."""
    folder.mkdir(parents=True, exist_ok=True)
    now = chat_template_utils.datetime
    chat_template_utils.datetime = FixedDate
    try:
        rows = [[template, [rendered(template, chat) for chat in CHATS]] for template in LINES + BLOCKS]
    finally:
        chat_template_utils.datetime = now
    text = json.dumps({"chats": CHATS, "templates": rows}, indent=0)
    (folder / "templates.json").write_text(text + "\n")
