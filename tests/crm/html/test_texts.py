import pytest

from crm.html import html_to_text, text_to_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two<br>lines</p>", "One\n\nTwo\nlines"),
        ("<h1>Title</h1><p>Text  with\n blanks</p>", "Title\n\nText with blanks"),
        ("<ul><li>a</li><li>b</li></ul><p>c</p>", "- a\n- b\n\nc"),
        ("<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>", "1. a\n  - b\n2. c"),
        ('<a href="https://acme.example/x">more</a>', "more (https://acme.example/x)"),
        ('<a href="https://acme.example/">https://acme.example</a>', "https://acme.example"),
        ('<a href="mailto:ann@acme.example">Ann</a>', "Ann (ann@acme.example)"),
        ('<a href="https://acme.example/"><img src="x" alt="Shop"></a>', "[Shop] (https://acme.example/)"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a  b\nc"),
        ("<p>5 &lt; 6 &amp; 7</p>", "5 < 6 & 7"),
        ("<style>p{}</style><script>a</script>text", "text"),
        ("<p>{{ customer.name|friend }}</p>", "{{ customer.name|friend }}"),
        ("<p>尊敬的客户：</p><p>您好！</p>", "尊敬的客户：\n\n您好！"),
        ("a<hr>b", "a\n\n----------\n\nb"),
        ("", ""),
    ],
)
def test_html_becomes_text_that_reads_the_same(html, text):
    assert html_to_text(html) == text


def test_text_becomes_paragraphs_with_links():
    assert text_to_html("One\nline\n\nTwo https://acme.example/x") == (
        '<p>One<br>line</p>\n\n<p>Two <a href="https://acme.example/x">https://acme.example/x</a></p>'
    )


def test_text_is_text_whatever_it_holds():
    assert text_to_html("<script>a</script> & b") == "<p>&lt;script&gt;a&lt;/script&gt; &amp; b</p>"
