"""Renders chat templates with Jinja as transformers configures it.

Needs jinja2 3.1. Usage: python make_chat_goldens.py OUT.json

The templates are short versions in the style of the published families: they use the same
constructs, with the same special tokens. The environment is that of
transformers.utils.chat_template_utils (4.x): immutable sandbox, trim_blocks, lstrip_blocks, loop
controls, a generation tag, json.dumps without ASCII escapes.
"""

import json
import sys
from datetime import datetime

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime(2024, 7, 26, 9, 5, 3)


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.Scope(body).set_lineno(line)


def environment():
    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(
            x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
        )

    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


CHATML = """{% for message in messages %}
{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}
{% endfor %}
{% if add_generation_prompt %}
{{ '<|im_start|>assistant\\n' }}
{% endif %}
"""

ZEPHYR = """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}"""

LLAMA2 = (
    "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}"
    "{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}"
    "{% set system_message = false %}{% endif %}{% for message in loop_messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}"
    "{% endif %}{% if loop.index0 == 0 and system_message != false %}"
    "{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}"
    "{% else %}{% set content = message['content'] %}{% endif %}"
    "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
    "{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}"
    "{% endif %}{% endfor %}"
)

LLAMA3 = (
    "{% set loop_messages = messages %}{% for message in loop_messages %}"
    "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'"
    "+ message['content'] | trim + '<|eot_id|>' %}"
    "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}"
    "{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)

LLAMA31 = """{{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not tools_in_user_message is defined %}
    {%- set tools_in_user_message = true %}
{%- endif %}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}

{#- The system message comes first, whether there is one or not. #}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}
    {{- "Environment: ipython\\n" }}
{%- endif %}
{{- "Cutting Knowledge Date: December 2023\\n" }}
{{- "Today Date: " + date_string + "\\n\\n" }}
{%- if tools is not none and not tools_in_user_message %}
    {{- "You have these functions:\\n" }}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
{%- endif %}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- if tools_in_user_message and not tools is none %}
    {%- if messages | length != 0 %}
        {%- set first_user_message = messages[0]['content']|trim %}
        {%- set messages = messages[1:] %}
    {%- else %}
        {{- raise_exception("Cannot put tools in the first user message when there is none!") }}
    {%- endif %}
    {{- '<|start_header_id|>user<|end_header_id|>\\n\\n' -}}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
    {{- first_user_message + "<|eot_id|>"}}
{%- endif %}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("This model only supports single tool-calls at once!") }}
        {%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}
        {{- '{"name": "' + tool_call.name + '", ' }}
        {{- '"parameters": ' }}
        {{- tool_call.arguments | tojson }}
        {{- "}" }}
        {{- "<|eot_id|>" }}
    {%- elif message.role == "tool" or message.role == "ipython" %}
        {{- "<|start_header_id|>ipython<|end_header_id|>\\n\\n" }}
        {%- if message.content is mapping or message.content is iterable %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- "<|eot_id|>" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""

QWEN2 = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

QWEN25 = """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You are Qwen.' }}
    {%- endif %}
    {{- "\\n\\n# Tools\\n\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools><|im_end|>\\n" }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou are Qwen.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>' + message.role }}
        {%- if message.content %}
            {{- '\\n' + message.content }}
        {%- endif %}
        {%- for tool_call in message.tool_calls %}
            {%- if tool_call.function is defined %}
                {%- set tool_call = tool_call.function %}
            {%- endif %}
            {{- '\\n<tool_call>\\n{"name": "' }}
            {{- tool_call.name }}
            {{- '", "arguments": ' }}
            {{- tool_call.arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' }}
        {{- message.content }}
        {{- '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""

QWEN3 = """{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is string %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- else %}
            {%- if '</think>' in content %}
                {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
                {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
            {%- endif %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index %}
            {%- if loop.last or (not loop.last and reasoning_content) %}
                {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
            {%- else %}
                {{- '<|im_start|>' + message.role + '\\n' + content }}
            {%- endif %}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}"""

MISTRAL = """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}

{#- This block checks for alternating user/assistant messages #}
{%- set ns = namespace() %}
{%- set ns.index = 0 %}
{%- for message in loop_messages %}
    {%- if not (message.role == "tool" or message.role == "tool_results" or (message.tool_calls is defined and message.tool_calls is not none)) %}
        {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("After the optional system message, conversation roles must alternate user/assistant/user/assistant/...") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}

{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if tools is not none and (message == user_messages[-1]) %}
            {{- "[AVAILABLE_TOOLS] [" }}
            {%- for tool in tools %}
                {%- set tool = tool.function %}
                {{- '{"type": "function", "function": {' }}
                {%- for key, val in tool.items() if key != "return" %}
                    {%- if val is string %}
                        {{- '"' + key + '": "' + val + '"' }}
                    {%- else %}
                        {{- '"' + key + '": ' + val|tojson }}
                    {%- endif %}
                    {%- if not loop.last %}
                        {{- ", " }}
                    {%- endif %}
                {%- endfor %}
                {{- "}}" }}
                {%- if not loop.last %}
                    {{- ", " }}
                {%- else %}
                    {{- "]" }}
                {%- endif %}
            {%- endfor %}
            {{- "[/AVAILABLE_TOOLS]" }}
        {%- endif %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"]|trim + eos_token}}
    {%- else %}
        {{- raise_exception("Only user and assistant roles are supported, with the exception of an initial optional system message!") }}
    {%- endif %}
{%- endfor %}
"""

GEMMA = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate') }}{% endif %}"
    "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}"
    "{% set role = message['role'] %}{% endif %}"
    "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}"
)

GEMMA3 = """{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- if messages[0]['content'] is string -%}
        {%- set first_user_prefix = messages[0]['content'] + '\\n\\n' -%}
    {%- else -%}
        {%- set first_user_prefix = messages[0]['content'][0]['text'] + '\\n\\n' -%}
    {%- endif -%}
    {%- set loop_messages = messages[1:] -%}
{%- else -%}
    {%- set first_user_prefix = "" -%}
    {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
    {%- if (message['role'] == 'assistant') -%}
        {%- set role = "model" -%}
    {%- else -%}
        {%- set role = message['role'] -%}
    {%- endif -%}
    {{ '<start_of_turn>' + role + '\\n' + (first_user_prefix if loop.first else "") }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- elif message['content'] is iterable -%}
        {%- for item in message['content'] -%}
            {%- if item['type'] == 'image' -%}
                {{ '<start_of_image>' }}
            {%- elif item['type'] == 'text' -%}
                {{ item['text'] | trim }}
            {%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception("Invalid content type") }}
    {%- endif -%}
    {{ '<end_of_turn>\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{'<start_of_turn>model\\n'}}
{%- endif -%}
"""

PHI3 = (
    "{% for message in messages %}{% if message['role'] == 'system' and message['content'] %}"
    "{{'<|system|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'user' %}"
    "{{'<|user|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'assistant' %}"
    "{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}"
)

MACROS = """{% macro render(value, depth=0) -%}
{%- if value is mapping -%}
{
{%- for key, item in value|dictsort %}
{{ ' ' * (depth + 2) }}{{ key }}: {{ render(item, depth + 2) }}{% if not loop.last %},{% endif %}
{% endfor %}
{{ ' ' * depth }}}
{%- elif value is sequence and value is not string -%}
[{% for item in value %}{{ render(item) }}{% if not loop.last %}, {% endif %}{% endfor %}]
{%- else -%}
{{ value | string | replace("a", "A") }}
{%- endif -%}
{%- endmacro %}
{{ render(data) }}
{{ render(depth=1, value=[1, 'banana']) }}
"""

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "Weather of a place, \"now\" – in °C",
            "parameters": {
                "type": "object",
                "properties": {"place": {"type": "string"}, "days": {"type": "integer", "default": 1}},
                "required": ["place"],
            },
            "return": {"type": "string"},
        },
    }
]

USER = [{"role": "user", "content": "  What is it?\n"}]
TALK = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hello <b>\"there\"</b> 漢字 😀"},
    {"role": "assistant", "content": "<think>\nhm\n</think>\n\nHi! "},
    {"role": "user", "content": "And\nnow?"},
]
PAIRS = TALK[1:]
CALLS = [
    {"role": "user", "content": "Weather in Ålesund?"},
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {"type": "function", "function": {"name": "weather", "arguments": {"place": "Ålesund", "days": 2, "x": [1.5, None, True]}}}
        ],
    },
    {"role": "tool", "content": "11"},
    {"role": "tool", "content": "12"},
    {"role": "assistant", "content": "Eleven."},
]
PARTS = [
    {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
    {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": " What? "}]},
]
TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}

FAMILIES = {
    "chatml": CHATML,
    "zephyr": ZEPHYR,
    "llama-2": LLAMA2,
    "llama-3": LLAMA3,
    "llama-3.1": LLAMA31,
    "qwen2": QWEN2,
    "qwen2.5": QWEN25,
    "qwen3": QWEN3,
    "mistral": MISTRAL,
    "gemma": GEMMA,
    "gemma-3": GEMMA3,
    "phi-3": PHI3,
}

# Small templates, one point of the language each.
POINTS = {
    "whitespace": "a\n  {% if true %}\n  b\n  {% endif %}\n c {%- if true -%}  d  {%- endif %} \n  {%+ if true +%}\n e\n {% endif %}\nf\n",
    "comments": "a {# one #}\n  {#- two -#}  b\n {# three #}\nc",
    "raw": "x {% raw %}\n{{ no }} {% if %}{% endraw %} y",
    "carriage returns": "a\r\n{% if true %}\r\nb{% endif %}\r\n",
    "literals": "{{ 'a\\n\\t\\x41\\u00e9\\'\"' \"b\\\\\" }}{{ 1_000 + 2 }} {{ 1.5e3 }} {{ 10000000000000000.0 }} {{ 0.00001 }} {{ 1e22 }} {{ none }} {{ True }} {{ [1, 'a', none, 2.0] }} {{ {'a': 1, 'b': [true]} }} {{ ['it\\'s', \"q\\\"'\"] }}",
    "arithmetic": "{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ 2 * 3 + 4 }} {{ 2 + 3 * 4 }} {{ -2 ** 2 }} {{ 1 - 2 - 3 }} {{ 'ab' * 3 }} {{ [1] + [2] }} {{ 5 - true }} {{ 7.5 // 2 }} {{ -7.5 % 2 }}",
    "precedence": "{{ 1 ~ 2 * 3 }} {{ 'a' + 1 ~ 2 }} {{ not 1 == 2 }} {{ 1 < 2 < 3 }} {{ 3 > 2 > 2 }} {{ 1 == 1.0 }} {{ true == 1 }} {{ 'a' in 'abc' and not 'z' in 'abc' }} {{ 2 not in [1, 3] }} {{ false or '' or 'x' }} {{ 1 and 0 }} {{ -3|abs }} {{ 'b' if false else 'c' }} [{{ 'b' if false }}]",
    "slices": "{{ s[1:3] }} {{ s[::-1] }} {{ s[-3:] }} {{ s[:-1] }} {{ s[5:1:-2] }} {{ s[10:] }} {{ l[::2] }} {{ l[::-1] }} {{ l[-2:] }} {{ l[-1] }} {{ s[0] }} {{ s[-1] }} {{ l[9] is defined }} {{ s[9:-9] }} {{ l[-99:99] }} {{ l[3:-9:-1] }}",
    "loops": "{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.cycle('o', 'e') }};{% endfor %}",
    "loop control": "{% for x in range(10) %}{% if x == 2 %}{% continue %}{% endif %}{% if x > 5 %}{% break %}{% endif %}{{ x }}{% endfor %} {% for x in [] %}a{% else %}none{% endfor %} {% for x in range(9, 0, -3) if x != 6 %}{{ x }}/{{ loop.length }} {% endfor %}",
    "scopes": "{% set a = 1 %}{% for x in [1, 2] %}{{ a }}{% set a = a + x %}{{ a }};{% endfor %}{{ a }}{% if true %}{% set a = 9 %}{% endif %}{{ a }}{% set ns = namespace(n=0) %}{% for x in l %}{% set ns.n = ns.n + x %}{% endfor %}{{ ns.n }}{{ x is defined }}",
    "unpacking": "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for k, v in d|items %}{{ k }};{% endfor %}{% set a, b = [1, 2] %}{{ a }}{{ b }}{% for k in d %}{{ k }}{% endfor %}{{ d.keys()|list }}{{ d.values()|list }}{{ d.get('a') }}{{ d.get('z') }}{{ d.get('z', 5) }}{{ d['z'] is defined }}{{ d.z }}",
    "set body": "{% set x %}a{{ 1 }}b\n{% endset %}[{{ x }}]",
    "filters": "{{ ' a '|trim }}|{{ 'xax'|trim('x') }}|{{ l|length }}|{{ u|default('d') }}|{{ ''|default('e', true) }}|{{ l|join(', ') }}|{{ 'aB'|upper }}{{ 'aB'|lower }}|{{ 'hello wORLD'|capitalize }}|{{ 'hello wORLD'|title }}|{{ l|first }}{{ l|last }}|{{ '12'|int + 1 }}|{{ 'x'|int }}|{{ '1.5'|float }}|{{ 3.7|int }}|{{ 'banana'|replace('a', 'o') }}|{{ 'banana'|replace('a', 'o', 2) }}|{{ l|string }}|{{ l|reverse|list }}|{{ [3, 1, 2, 1]|sort }}|{{ [3, 1, 1]|unique|list }}|{{ 'abc'|list }}|{{ l|sum }}|{{ l|max }}|{{ ['b', 'A']|sort }}",
    "attributes": "{{ m|selectattr('role', 'equalto', 'user')|map(attribute='content')|list }} {{ m|rejectattr('role', 'in', ['user'])|list|length }} {{ m|map(attribute='role')|join(',') }} {{ m|selectattr('n')|list|length }} {{ m|map(attribute='n', default=0)|list }} {{ ['a ', ' b']|map('trim')|join('-') }} {{ [1, 2, 3]|select('odd')|list }} {{ [1, 0]|reject|list }} {{ m|map(attribute='content')|map('length')|list }} {{ m|selectattr('role', '==', 'user')|list|length }} {{ m|join(' ', attribute='role') }}",
    "json": "{{ j|tojson }}\n{{ j|tojson(indent=2) }}\n{{ [] | tojson }}{{ {}|tojson(indent=4) }}{{ 'a\"\\\\\\n\\u0007é/<'|tojson }}{{ j|tojson(sort_keys=true, separators=[',', ':']) }}",
    "tests": "{{ u is defined }}{{ u is undefined }}{{ none is none }}{{ 'a' is string }}{{ {} is mapping }}{{ 'a' is iterable }}{{ 1 is iterable }}{{ [] is sequence }}{{ 1 is number }}{{ 1.0 is integer }}{{ true is boolean }}{{ 3 is odd }}{{ 4 is even }}{{ 9 is divisibleby 3 }}{{ 1 is in [1] }}{{ 'a' is eq 'a' }}{{ 2 is gt(1) }}{{ u is not defined }}{{ false is false }}{{ u is iterable }}{{ not u }}{{ 'a' is not none and true }}",
    "methods": "{{ ' a b '.strip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'a,b,,c'.split(',') }}|{{ ' a  b '.split() }}|{{ 'a,b,c'.split(',', 1) }}|{{ 'a,b,c'.rsplit(',', 1) }}|{{ 'abc'.startswith('ab') }}|{{ 'abc'.endswith('bc') }}|{{ 'aaa'.replace('a', 'b', 2) }}|{{ 'aXb'.upper() }}|{{ 'AbC'.lower() }}|{{ 'ab cd'.title() }}|{{ 'abc'.find('c') }}|{{ 'abc'.find('z') }}|{{ '-'.join(['a', 'b']) }}|{{ 'banana'.count('an') }}|{{ '12'.isdigit() }}|{{ 'x\ny'.splitlines() }}|{{ '  x'.lstrip() }}|{{ 'x  '.rstrip() }}|{{ 'abc'.startswith(('x', 'a')) }}|{{ 'abc'.removeprefix('a') }}",
    "unicode": "{{ '😀é漢'|length }} {{ '😀é漢'[0] }} {{ '😀é漢'[::-1] }} {{ 'straße'|upper }} {{ '\u00a0x\u3000'|trim }}",
    "generation": "a{% generation %}\nb{{ 1 }}{% endgeneration %}\nc",
    "dates": "{{ strftime_now('%d %b %Y') }} {{ strftime_now('%Y-%m-%d %H:%M:%S %A %B %y %j %p %I %a %%') }}",
    "macros": MACROS,
    "undefined prints nothing": "[{{ u }}][{% for x in u %}a{% endfor %}][{{ u|length }}][{{ u == v }}][{{ u|join(',') }}][{{ 'a' ~ u ~ 'b' }}][{{ 'x' in u }}]",
    "indent": "{{ 'a\nb\n\nc'|indent }}|{{ 'a\nb'|indent(2, true) }}",
    "dict access": "{{ d['a'] }}{{ d.a }}{{ d.items is defined }}{{ {'items': 5}['items'] }}{{ {1: 'x'}[1] }}{{ 'a' in d }}{{ d == {'a': 1, 'b': 'x'} }}{{ dict(a=1) }}",
    "trailing newlines": "a\n\n",
    "none is printed": "{{ none }}{{ [none] }}{{ none ~ 'x' }}{{ none|default('n') }}{{ n }}",
}

ERRORS = {
    "raises": ("{{ raise_exception('No system role!') }}", {}),
    "undefined attribute": ("{{ u.x }}", {}),
    "undefined subscript": ("{{ u['x'] }}", {}),
    "undefined in a sum": ("{{ 'a' + u }}", {}),
    "undefined call": ("{{ u() }}", {}),
    "text plus number": ("{{ 'a' + 1 }}", {}),
    "text plus none": ("{{ 'a' + none }}", {}),
    "number in text": ("{{ 1 in 'a' }}", {}),
    "elements of a number": ("{% for x in 5 %}{% endfor %}", {}),
    "length of a number": ("{{ 5|length }}", {}),
    "order of text and number": ("{{ 'a' < 1 }}", {}),
    "a sum of a joined text": ("{{ 1 + 2 ~ 3 }}", {}),
    "division by zero": ("{{ 1 % 0 }}", {}),
    "class of a text": ("{{ ''.__class__.__mro__ }}", {}),
    "globals of a function": ("{{ range.__globals__['x'] }}", {}),
    "change of a list": ("{{ l.append(1) }}", {"l": [1]}),
    "change of a mapping": ("{{ d.update({}) }}", {"d": {}}),
    "attribute of a mapping": ("{% set d.x = 1 %}", {"d": {}}),
    "unpacking of one": ("{% set a, b = [1] %}", {}),
    "unknown filter": ("{{ 'a'|nope }}", {}),
    "unknown test": ("{{ 'a' is nope }}", {}),
    "unknown statement": ("{% nope %}", {}),
    "open block": ("{% if true %}a", {}),
    "open tag": ("{{ 'a'", {}),
    "open text": ("{{ 'a }}", {}),
    "unfinished expression": ("{{ 1 + }}", {}),
    "end without begin": ("{% endif %}", {}),
    "wrong bracket": ("{{ (1] }}", {}),
    "too many macro arguments": ("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", {}),
    "slice of step zero": ("{{ 'abc'[::0] }}", {}),
}


def main(out):
    env = environment()
    cases = []

    def add(name, template, variables):
        case = {"name": name, "template": template, "variables": variables}
        try:
            case["expected"] = env.from_string(template).render(**variables)
        except Exception as e:
            case["error"] = str(e)
        cases.append(case)

    for family, template in FAMILIES.items():
        for kind, messages in {"user": USER, "talk": TALK, "pairs": PAIRS, "calls": CALLS, "parts": PARTS}.items():
            for tools in (None, TOOLS) if kind in ("pairs", "calls") else (None,):
                variables = {"messages": messages, "add_generation_prompt": kind != "calls", **TOKENS}
                if tools or family not in ("llama-3.1", "mistral"):
                    variables["tools"] = tools
                add(f"{family}: {kind}{' with tools' if tools else ''}", template, variables)
    add("qwen3: no thinking", QWEN3, {"messages": USER, "add_generation_prompt": True, "enable_thinking": False, **TOKENS})
    data = {
        "s": "abcdef",
        "l": [1, 2, 3, 4],
        "d": {"a": 1, "b": "x"},
        "n": None,
        "m": [{"role": "user", "content": "hi", "n": 1}, {"role": "assistant", "content": "yo"}, {"role": "user", "content": ""}],
        "j": {"b": [1, 2.5, True, None, "é\n"], "a": {}, "c": {"x": []}},
        "data": {"b": [1, "a"], "a": {"x": "y"}},
    }
    for name, template in POINTS.items():
        add(name, template, data)
        assert "expected" in cases[-1], (name, cases[-1])
    for name, (template, variables) in ERRORS.items():
        add(name, template, variables)
        assert "error" in cases[-1], (name, cases[-1])
    with open(out, "w", encoding="utf-8") as f:
        json.dump(cases, f, ensure_ascii=False, indent=1)
        f.write("\n")
    print(len(cases), "cases,", sum("error" in c for c in cases), "of them errors")


if __name__ == "__main__":
    main(sys.argv[1])
