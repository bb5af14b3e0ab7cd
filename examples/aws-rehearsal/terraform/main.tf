# The same sandbox as `rehearse up` makes: two instances, a subnet group, a security group, a role. The
# replication group itself is made by ecmig, as in a real migration, and removed by `rehearse down`.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "confirm_account" {
  description = "The number of the AWS account in which resources that cost money may be made"
  type        = string
}

variable "region" {
  description = "The region of the rehearsal"
  type        = string
  default     = "us-east-1"
}

variable "my_address" {
  description = "The address that may reach the instances by SSH, such as 203.0.113.7"
  type        = string
}

variable "public_key" {
  description = "The SSH public key for the instances"
  type        = string
}

variable "policy_file" {
  description = "What 'ecmig explain iam migration.yaml' printed"
  type        = string
  default     = "policy.json"
}

locals {
  name = "ecmig-rehearsal"
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.confirm_account]

  default_tags {
    tags = {
      Name    = local.name
      purpose = local.name
    }
  }
}

data "aws_vpc" "default" {
  default = true
}

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}

data "aws_ssm_parameter" "debian" {
  name = "/aws/service/debian/release/12/latest/arm64"
}

resource "aws_security_group" "rehearsal" {
  name        = local.name
  description = local.name
  vpc_id      = data.aws_vpc.default.id

  ingress {
    description = "Redis between the members"
    protocol    = "tcp"
    from_port   = 6379
    to_port     = 6379
    self        = true
  }

  ingress {
    description = "SSH"
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["${var.my_address}/32"]
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_elasticache_subnet_group" "rehearsal" {
  name       = local.name
  subnet_ids = data.aws_subnets.default.ids
}

resource "aws_key_pair" "rehearsal" {
  key_name   = local.name
  public_key = var.public_key
}

resource "aws_iam_role" "runner" {
  name = local.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "runner" {
  name   = local.name
  role   = aws_iam_role.runner.id
  policy = file(var.policy_file)
}

resource "aws_iam_instance_profile" "runner" {
  name = local.name
  role = aws_iam_role.runner.name
}

resource "aws_instance" "source" {
  ami                         = data.aws_ssm_parameter.debian.value
  instance_type               = "t4g.micro"
  key_name                    = aws_key_pair.rehearsal.key_name
  subnet_id                   = data.aws_subnets.default.ids[0]
  vpc_security_group_ids      = [aws_security_group.rehearsal.id]
  associate_public_ip_address = true
  user_data                   = file("${path.module}/../source-setup")

  metadata_options {
    http_tokens = "required"
  }

  tags = {
    role = "source"
  }
}

resource "aws_instance" "runner" {
  ami                         = data.aws_ssm_parameter.debian.value
  instance_type               = "t4g.small"
  key_name                    = aws_key_pair.rehearsal.key_name
  subnet_id                   = data.aws_subnets.default.ids[0]
  vpc_security_group_ids      = [aws_security_group.rehearsal.id]
  associate_public_ip_address = true
  iam_instance_profile        = aws_iam_instance_profile.runner.name

  metadata_options {
    http_tokens = "required"
  }

  tags = {
    role = "runner"
  }
}

output "source" {
  value = "${aws_instance.source.private_ip}:6379"
}

output "runner" {
  value = aws_instance.runner.public_ip
}

output "security_group" {
  value = aws_security_group.rehearsal.id
}
