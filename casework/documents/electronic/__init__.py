"""Electronic documents (电子文书): the PDF of a Word record, its seal, its pages as pictures."""
