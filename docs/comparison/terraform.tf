resource "aws_ssmcontacts_contact" "akua" {
  alias        = "akuam"
  display_name = "Akua Mansa"
  type         = "PERSONAL"
}
resource "aws_ssmcontacts_contact_channel" "mobile" {
  contact_id = aws_ssmcontacts_contact.akua.arn
  name       = "mobile"
  type       = "SMS"
  delivery_address {
    simple_address = "+12065550101"
  }
}
resource "aws_ssmcontacts_contact_channel" "email" {
  contact_id = aws_ssmcontacts_contact.akua.arn
  name       = "email"
  type       = "EMAIL"
  delivery_address {
    simple_address = "akua@example.com"
  }
}
resource "aws_ssmcontacts_plan" "akua" {
  contact_id = aws_ssmcontacts_contact.akua.arn
  stage {
    duration_in_minutes = 5
    target {
      channel_target_info {
        contact_channel_id        = aws_ssmcontacts_contact_channel.mobile.arn
        retry_interval_in_minutes = 1
      }
    }
  }
  stage {
    duration_in_minutes = 10
    target {
      channel_target_info {
        contact_channel_id        = aws_ssmcontacts_contact_channel.email.arn
        retry_interval_in_minutes = 5
      }
    }
  }
}
