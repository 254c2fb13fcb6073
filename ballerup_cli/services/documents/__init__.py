"""Papers: from facts to text, HTML, PDF and DOCX."""
